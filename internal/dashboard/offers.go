package dashboard

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// choice is how people may sign in.
type choice struct {
	Password, Link bool
	Providers      []provider
}

type provider struct{ Name, Label string }

// offers remembers the ways to sign in that Supabase Auth names.
type offers struct {
	accounts Accounts
	now      func() time.Time

	mu    sync.Mutex
	last  choice
	until time.Time
}

// look gives the choice. While the project does not tell, it is the last one
// known, and a password before that: the sign-in itself names the fault.
func (o *offers) look(ctx context.Context) choice {
	const kept, again = time.Minute, 5 * time.Second
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.now().Before(o.until) {
		return o.last
	}
	text, err := o.accounts.Settings(ctx)
	var said struct {
		External map[string]bool `json:"external"`
	}
	o.until = o.now().Add(kept)
	switch {
	case err != nil || json.Unmarshal(text, &said) != nil || said.External == nil:
		o.until = o.now().Add(again)
		if o.last.Providers == nil && !o.last.Link {
			o.last.Password = true
		}
	default:
		o.last = choiceOf(said.External, o.accounts.Address() != "")
	}
	return o.last
}

// choiceOf reads Supabase Auth's list. Phones, wallets, single sign-on by domain
// and users without a name have ways of their own, which pages do not go.
func choiceOf(external map[string]bool, reachable bool) choice {
	is := choice{Password: external["email"], Link: external["email"]}
	for _, name := range slices.Sorted(maps.Keys(external)) {
		other := slices.Contains([]string{"email", "phone", "anonymous_users", "saml"}, name) || strings.HasPrefix(name, "web3")
		if reachable && external[name] && !other {
			is.Providers = append(is.Providers, provider{name, providerName(name)})
		}
	}
	return is
}

func (o choice) has(name string) bool {
	return slices.ContainsFunc(o.Providers, func(p provider) bool { return p.Name == name })
}

// providerName is how a provider calls itself.
func providerName(name string) string {
	base := strings.TrimSuffix(name, "_oidc")
	if known, ok := map[string]string{
		"github": "GitHub", "gitlab": "GitLab", "linkedin": "LinkedIn", "workos": "WorkOS", "azure": "Microsoft", "bitbucket": "Bitbucket", "fly": "Fly.io",
	}[base]; ok {
		return known
	}
	return sentence(base)
}
