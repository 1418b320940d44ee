drop table auth.remembered_devices;
