package operators

import "maps"

// noPIN is the PIN of somebody whose PIN is in doubt. It matches nothing.
const noPIN = "-"

// doubt judges everybody for whom events that no counter wrote made a difference;
// before is who they were. Such events can be somebody's additions, or a counter's
// own behind which an older copy of the head was put back: neither gives anybody
// what the other does not. Who differs has the lesser role, is disabled where either
// says so, and has no PIN where they say two. Where nobody could manage then, who
// managed before still does, and gets a new PIN from the folder's owner. Where nobody
// managed before, there is nothing to compare with.
func doubt(before, all map[string]person) {
	if !managed(before) {
		return
	}
	var changed []string
	for name, now := range all {
		was, is := before[name]
		if is && was.Role == now.Role && was.Disabled == now.Disabled && was.PIN == now.PIN {
			continue
		}
		changed = append(changed, name)
		if now.Disabled = now.Disabled || was.Disabled || !is; was.Role != now.Role {
			now.Role = Cashier
		}
		if was.PIN != now.PIN {
			now.PIN = noPIN
		}
		all[name] = now
	}
	if managed(all) {
		return
	}
	for _, name := range changed {
		if was := before[name]; was.manages() {
			was.PIN = noPIN
			all[name] = was
		}
	}
}

// found has the first who manages by events in doubt be who managed before them,
// where nobody did: an older copy of the head may be from before all people. Only
// her name counts, and the folder's owner gives her a new PIN.
func found(before map[string]person, now person) {
	if before != nil && now.manages() && !managed(before) {
		before[now.Name] = person{Name: now.Name, Role: Manager, PIN: noPIN}
	}
}

// lesser is who everybody is where events are missing: what took a role, a PIN or
// everything away may be among them, and the table may be what was changed. Neither
// gives anybody what the other does not; who has no row any more is who she was.
func lesser(byChain, table map[string]person) map[string]person {
	before, all := maps.Clone(byChain), maps.Clone(byChain)
	if !managed(before) {
		return all
	}
	for name, was := range byChain {
		now, is := table[name]
		if !is {
			continue
		}
		if was.PIN == "" { // not known by the chain
			was.PIN = now.PIN
		}
		before[name], all[name] = was, now
	}
	doubt(before, all)
	return all
}
