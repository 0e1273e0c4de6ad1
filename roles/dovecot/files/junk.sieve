# Managed by Bastide (role dovecot). What Rspamd marked goes to Junk; the user's own filters see the rest.
require ["fileinto", "mailbox"];
if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}
