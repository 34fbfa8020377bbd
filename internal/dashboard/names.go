package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// names remembers for a minute how people are called, as a reader may know it: a
// stream asks each second.
type names struct {
	mu    sync.Mutex
	known map[string]called // by rights and id
}

type called struct {
	name, mail string // "" = not for this reader
	until      time.Time
}

const namesMost = 20_000

// people gives the names of users, or their mail, as far as the visitor may read them.
func (v *visit) people(ctx context.Context, ids []string) map[string]called {
	found, missing := v.remembered(ids)
	if len(missing) == 0 {
		return found
	}
	rows, err := v.get(ctx, "/profiles", url.Values{"select": {"id,full_name,email"}, "id": {"in.(" + strings.Join(missing, ",") + ")"}})
	if err != nil {
		return found // ids will do
	}
	for _, r := range rows {
		found[r.text("id")] = called{name: r.text("full_name"), mail: r.text("email")}
	}
	if len(rows) < len(missing) && v.may("roles:read") {
		if rows, err = v.get(ctx, "/rpc/get_access_review", url.Values{"select": {"user_id,email"}}); err != nil {
			return found
		}
		for _, r := range rows {
			if id := r.text("user_id"); slices.Contains(missing, id) && found[id].mail == "" {
				found[id] = called{mail: r.text("email")}
			}
		}
	}
	v.remember(missing, found)
	return found
}

// remembered are the names that are known, and the ids whose are not.
func (v *visit) remembered(ids []string) (found map[string]called, missing []string) {
	const most = 200
	found = map[string]called{}
	n, rights, now := &v.d.names, v.rights(), v.d.o.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		if !isID(id) || slices.Contains(missing, id) || len(missing) >= most {
			continue
		}
		if c, ok := n.known[rights+"\x00"+id]; ok && now.Before(c.until) {
			found[id] = c
		} else {
			missing = append(missing, id)
		}
	}
	return found, missing
}

func (v *visit) remember(ids []string, found map[string]called) {
	n, rights := &v.d.names, v.rights()
	until := v.d.o.Now().Add(time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) > namesMost {
		n.known = map[string]called{}
	}
	for _, id := range ids {
		c := found[id]
		c.until = until
		n.known[rights+"\x00"+id] = c
	}
}

// peopleOf are the names of the users in a column of rows.
func (v *visit) peopleOf(ctx context.Context, rows []row, columns ...string) map[string]called {
	var ids []string
	for _, r := range rows {
		for _, c := range columns {
			if id := r.text(c); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return v.people(ctx, ids)
}

// whoIs is a cell of a user: his mail or name, else the end of his id.
func whoIs(names map[string]called, id string) cell {
	if id == "" {
		return cell{Text: none}
	}
	return cell{Text: cmpOr(cmpOr(names[id].mail, names[id].name), shown(id)), Raw: id}
}
