drop table auth.api_keys, auth.service_client_secrets, auth.service_clients;
