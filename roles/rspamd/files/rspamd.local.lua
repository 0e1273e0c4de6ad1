-- SPDX-License-Identifier: GPL-3.0-or-later
-- Managed by Bastide (role rspamd).
--
-- Postfix checks that an authenticated user owns the envelope sender. Nothing checks the From
-- header, which is what people see and what DKIM signs: on a shared domain one collectivity could
-- sign as another. It must be the envelope sender, or the login when the envelope has none
-- (receipts, RFC 8098 section 2.1).
rspamd_config:register_symbol({
  name = 'BASTIDE_FORGED_FROM',
  type = 'normal',
  score = 0.0,
  group = 'bastide',
  description = 'Authenticated user writes under a From header that is not theirs',
  callback = function(task)
    local user = task:get_user()
    if not user then
      return false
    end
    local own = user:lower()
    local envelope = task:get_from('smtp')
    if envelope and envelope[1] and envelope[1].addr ~= '' then
      own = envelope[1].addr:lower()
    end
    local headers = task:get_header_full('From')
    if not headers or #headers ~= 1 then
      return true, 1.0, 'not one From header'
    end
    local shown = task:get_from('mime')
    if not shown or #shown == 0 then
      return true, 1.0, 'no address'
    end
    for _, address in ipairs(shown) do
      if (address.addr or ''):lower() ~= own then
        return true, 1.0, address.addr or 'no address'
      end
    end
    return false
  end,
})
