drop index mail.suppressions_expires_at_idx;
