drop table notifications.devices;
