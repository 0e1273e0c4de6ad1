-- SPDX-License-Identifier: GPL-3.0-or-later
-- Managed by Bastide (role rspamd).
--
-- The platform's own DKIM keys, RSA and Ed25519: each signs what leaves for a domain that stands in the map, beside the
-- key that the domain may have itself. The module dkim_signing takes one selector for a domain from a map; whether a
-- message is to be signed, and for which domain, is decided by the same code of Rspamd's.
local dkim_tools = require 'lua_dkim_tools'
local lua_maps = require 'lua_maps'
local logger = require 'rspamd_logger'

local KEYS = '/var/lib/bastide/mail/dkim/platform.'
-- "domain selector,selector" lines, written by bastide_mail_signing.
local MAP = '/var/lib/bastide/mail/maps/signing.map'

-- As in the section dkim_signing of rspamd.conf.override.
local settings = {
  allow_envfrom_empty = true,
  allow_hdrfrom_mismatch = true,
  allow_username_mismatch = true,
  domain = {},
  path = KEYS,
  selector_map = lua_maps.map_add_from_ucl(MAP, 'map', 'Selectors of the platform\'s DKIM keys'),
  sign_authenticated = true,
  sign_inbound = false,
  sign_local = true,
  try_fallback = false,
  use_domain = 'header',
  use_esld = false,
}

rspamd_config:register_symbol({
  name = 'BASTIDE_SIGNED',
  type = 'normal',
  score = 0.0,
  group = 'bastide',
  description = 'Signed with keys of the platform',
  flags = 'ignore_passthrough',
  callback = function(task)
    local wanted, found = dkim_tools.prepare_dkim_signing('dkim_signing', task, settings)
    if not wanted or not found[1] or not found[1].selector then
      return false
    end
    local domain, signed = found[1].domain, {}
    for selector in string.gmatch(found[1].selector, '[^,%s]+') do
      local key = KEYS .. selector .. '.key'
      if rspamd_plugins.dkim.sign(task, { domain = domain, selector = selector, key = key }) then
        table.insert(signed, domain .. ':s=' .. selector)
      else
        logger.errx(task, 'not signed for %s under %s', domain, selector)
      end
    end
    return #signed > 0, 1.0, table.concat(signed, ',')
  end,
})
rspamd_config:register_dependency('BASTIDE_SIGNED', 'DKIM_CHECK')
