-- SPDX-License-Identifier: GPL-3.0-or-later
-- Managed by Bastide (role rspamd).
--
local rspamd_cdb = require 'rspamd_cdb'

dofile('/etc/rspamd/signing.lua')

-- Address -> SIREN: what the groupware's users may send as, compiled by bastide_mail_directory.
local GROUPWARE_SENDERS = '/var/lib/bastide/mail/maps/groupware_senders.cdb'

-- What came in by port 10029 (role postfix): no host name begins with an underscore.
local function from_groupware(task)
  local name = task:get_request_header('MTA-Name')
  return name ~= nil and tostring(name):sub(1, 11) == '_groupware.'
end

-- The address that a message shows or travels under, without what follows a + in it.
local function plain(address)
  return (address or ''):lower():gsub('%+[^@]*@', '@')
end

local function envelope_sender(task)
  local envelope = task:get_from('smtp')
  return envelope and envelope[1] and plain(envelope[1].addr) or ''
end

-- The groupware vouches for its users, as Postfix does for those who log in: what they send is signed, and counted for
-- each of them. Before the others of its kind (10), which count.
rspamd_config:register_symbol({
  name = 'BASTIDE_GROUPWARE',
  type = 'prefilter',
  priority = 10,
  group = 'bastide',
  description = 'Sent by a user of the groupware',
  callback = function(task)
    if from_groupware(task) then
      local sender = envelope_sender(task)
      task:set_user(sender ~= '' and sender or 'groupware')
    end
  end,
})

-- Who writes from the groupware shows an address that it holds for the same collectivity as the envelope sender, which
-- Postfix has looked up. A notice of the server itself, without a sender, bears its own host name.
rspamd_config:register_symbol({
  name = 'BASTIDE_GROUPWARE_FROM',
  type = 'normal',
  score = 0.0,
  group = 'bastide',
  description = 'A user of the groupware writes under a From header that is not theirs',
  callback = function(task)
    if not from_groupware(task) then
      return false
    end
    local shown, headers = task:get_from('mime'), task:get_header_full('From')
    if not headers or #headers ~= 1 or not shown or #shown == 0 then
      return true, 1.0, 'not one From header with an address'
    end
    -- Opened anew each time: the table is replaced by rename.
    local senders = rspamd_cdb.open(GROUPWARE_SENDERS)
    local function owner(address)
      return senders and (senders:find(address) or senders:find(address .. '\0')) or nil
    end
    local envelope = envelope_sender(task)
    local siren = envelope ~= '' and owner(envelope) or owner(plain(shown[1].addr))
    local notice = 'mailer-daemon@' .. (task:get_helo() or ''):lower()
    for _, one in ipairs(shown) do
      local address = plain(one.addr)
      local own = siren ~= nil and owner(address) == siren
      if not own and not (envelope == '' and address == notice) then
        return true, 1.0, address
      end
    end
    return false
  end,
})

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
    if not user or from_groupware(task) then
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
