drop table auth.sign_in_challenges, auth.second_factor_tries, auth.recovery_codes, auth.totp_factors;
