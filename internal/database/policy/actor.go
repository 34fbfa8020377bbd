package policy

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// databaseRoles are behind the roles of the matrix. Read-only.
var databaseRoles = []string{"anon", "authenticated", "service_role"}

// actor is a role of the matrix in flesh and blood: a synthetic user, or a
// database role without one.
type actor struct {
	name, database string
	id             string // of the user; "" = none
	unshown        bool   // has shown no second factor
	role           string // id of a role of the tenant that user_roles gives him; "" = none
}

// newActors makes one for each role, and a bystander whose rows are others'.
func newActors() (list []actor, bystander actor) {
	for _, name := range roles {
		if slices.Contains(databaseRoles, name) {
			list = append(list, actor{name: name, database: name})
			continue
		}
		list = append(list, actor{name: name, database: "authenticated", id: uuid.NewString()})
	}
	return list, actor{name: "user", database: "authenticated", id: uuid.NewString()}
}

func (a actor) claims() string {
	claims := map[string]any{"role": a.database}
	if a.id != "" {
		claims["sub"], claims["email"], claims["aal"] = a.id, a.email(), "aal1"
		if !a.unshown {
			claims["aal"] = "aal2" // the other matrices are of who has just shown it
			claims["amr"] = []map[string]any{{"method": "totp", "timestamp": time.Now().Unix()}}
		}
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic("BUG: claims of a synthetic user: " + err.Error())
	}
	return string(text)
}

func (a actor) email() string { return a.id + "@trial.invalid" }
