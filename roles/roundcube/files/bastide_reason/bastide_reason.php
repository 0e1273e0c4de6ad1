<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Says why a login is refused when the mail host gives a reason meant for the user.
 *
 * Roundcube says "login failed" whatever it was.  RFC 5530 marks an answer that the user shall take
 * to the administrator with CONTACTADMIN: here, that the mailbox is suspended.  Dovecot gives it only
 * to whoever knows the password.
 */
class bastide_reason extends rcube_plugin
{
    public $task = 'login';

    public function init()
    {
        $this->add_hook('login_failed', [$this, 'tell']);
    }

    public function tell($facts)
    {
        $rcmail = rcmail::get_instance();
        $storage = $rcmail->get_storage();
        if ($storage->get_response_code() === rcube_storage::CONTACTADMIN) {
            // Roundcube puts the name of the command before what the server said.
            $reason = preg_replace('/^[A-Z]+(?: [A-Z]+)?: /', '', $storage->get_error_str());
            $rcmail->output->show_message(rcube::Q($reason), 'error');
        }
        return $facts;
    }
}
