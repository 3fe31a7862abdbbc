-- Swallows what components ask of accounts whose names begin with "silent", as a module that fails may.
local split = require "util.jid".split;

module:hook("iq/bare", function(event)
	local name = split(event.stanza.attr.to);
	local is_question = event.stanza.attr.type == "get" or event.stanza.attr.type == "set";
	if event.origin.type == "component" and is_question and name and name:find("^silent") then
		module:log("info", "swallowed what %s asked of %s", event.stanza.attr.from, name);
		return true;
	end
end, 1000);
