#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The last words of `make demo`: commands that can be copied, with a password made just now.
set -eu
cd "$(dirname "$0")/.."
password=$(.venv/bin/bastide mail password mairie@cahors.fr)
cat <<END

The Lot is up.  Try:

  DNS     dig @10.46.0.11 cahors.fr MX
          dig @10.46.0.12 +dnssec www.cahors.fr A

  Page    curl -H 'Host: www.cahors.fr' http://10.46.0.30/

  Desk    curl --cacert .bastide/lab/tls/ca.pem --resolve demarches.cahors.fr:443:10.46.0.50 https://demarches.cahors.fr/

  Mail    password of mairie@cahors.fr, made just now and kept nowhere: ${password}
          curl --cacert .bastide/lab/tls/ca.pem --resolve mail.info46.com:993:10.46.0.20 \\
               --user 'mairie@cahors.fr:${password}' imaps://mail.info46.com/

  Change  edit collectivities/46/cahors.yml, then
          .venv/bin/bastide plan
          .venv/bin/bastide apply
          .venv/bin/bastide explain mairie@cahors.fr
          .venv/bin/bastide audit

  End     .venv/bin/bastide lab down
END
