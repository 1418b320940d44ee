drop table auth.sign_in_approvals, auth.known_devices;
