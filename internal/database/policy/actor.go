package policy

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
)

// databaseRoles are behind the roles of the matrix. Read-only.
var databaseRoles = []string{"anon", "authenticated", "service_role"}

// actor is a role of the matrix in flesh and blood: a synthetic user, or a
// database role without one.
type actor struct {
	name, database string
	id             string // of the user; "" = none
}

// newActors makes one for each role, and a bystander whose rows are others'.
func newActors() (list []actor, bystander actor) {
	for _, name := range roles {
		if slices.Contains(databaseRoles, name) {
			list = append(list, actor{name: name, database: name})
			continue
		}
		list = append(list, actor{name: name, database: "authenticated", id: newUUID()})
	}
	return list, actor{name: "user", database: "authenticated", id: newUUID()}
}

func (a actor) claims() string {
	claims := map[string]string{"role": a.database}
	if a.id != "" {
		claims["sub"], claims["email"] = a.id, a.email()
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic("BUG: claims of a synthetic user: " + err.Error())
	}
	return string(text)
}

func (a actor) email() string { return a.id + "@trial.invalid" }

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
