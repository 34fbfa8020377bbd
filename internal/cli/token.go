package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devdb"
)

// tokenFlags describe the token that is asked for.
type tokenFlags struct {
	role, subject, email, audience string
	lifetime                       time.Duration
	claims                         []string
}

func newToken(p *Process) *cobra.Command {
	var settings settingFlags
	var f tokenFlags
	var folder string
	c := &cobra.Command{
		Use:   "token [FILE]",
		Short: "print a signed token for the API",
		Long: "Prints a JWT signed with jwt-secret, or else with the secret of a running `romashka\n" +
			"dev`, for curl and tests. Whoever has it is that role until it expires.",
		Example: "  romashka token --role authenticated --sub 7c9e6679-7425-40de-944b-e07fc1f90ae7\n" +
			"  romashka token --role service_role --expires 10m",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := settings.load(p, first(args))
			if err != nil {
				return err
			}
			f.audience = cmp.Or(f.audience, cfg.JWT.Audience, f.role)
			claims, err := f.all(time.Now())
			if err != nil {
				return err
			}
			secret, err := tokenSecret(string(cfg.JWT.Secret), folder)
			if err != nil {
				return err
			}
			token, err := sign(secret, claims)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token)
			return err
		},
	}
	settings.addTo(c)
	flags := c.Flags()
	flags.StringVar(&folder, "data", devdb.DefaultFolder, "data folder of `romashka dev`, or the folder that holds it")
	flags.StringVar(&f.role, "role", "authenticated", "database role")
	flags.StringVar(&f.subject, "sub", "", "user id")
	flags.StringVar(&f.email, "email", "", "user's email")
	flags.StringVar(&f.audience, "aud", "", "audience; jwt-aud when not set, else the role, as at Supabase")
	flags.DurationVar(&f.lifetime, "expires", time.Hour, "lifetime, as 90s, 10m or 24h")
	flags.StringArrayVar(&f.claims, "claim", nil, `another claim, as --claim org='"a"'; the value is JSON, or else text`)
	return c
}

// all are the claims of the token, issued now.
func (f *tokenFlags) all(now time.Time) (map[string]any, error) {
	if f.lifetime <= 0 {
		return nil, errors.New("--expires: want a duration above 0, as --expires 10m")
	}
	claims := map[string]any{"role": f.role, "aud": f.audience, "iat": now.Unix(), "exp": now.Add(f.lifetime).Unix()}
	for name, text := range map[string]string{"sub": f.subject, "email": f.email} {
		if text != "" {
			claims[name] = text
		}
	}
	for _, line := range f.claims {
		name, text, ok := strings.Cut(line, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %s: want name=value", line)
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		claims[name] = value
	}
	return claims, nil
}

// tokenSecret is the one that is set, or else that of a running `romashka dev`;
// "" for neither.
func tokenSecret(set, folder string) (string, error) {
	if set != "" {
		return set, nil
	}
	found, err := devdb.FindRunning(folder)
	if errors.Is(err, devdb.ErrNotRunning) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	state, err := devdb.ReadState(found)
	return state.Get("JWT_SECRET"), err
}

func sign(secret string, claims map[string]any) (string, error) {
	switch {
	case secret == "":
		return "", errors.New("jwt-secret is not set, and no `romashka dev` runs here; example: PGRST_JWT_SECRET=at least 32 characters")
	case strings.HasPrefix(strings.TrimSpace(secret), "{"):
		return "", errors.New("jwt-secret is a key or a key set; only a text secret can sign here")
	}
	return auth.Sign([]byte(secret), claims)
}

// first is the one optional argument, or "".
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
