package config_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/config"
)

// passwords are such as people have. Each has Xq7 on both sides of the
// characters that may be misread, so that a piece of it is seen wherever it
// goes.
func passwords() []string {
	list := []string{"Xq7Xq7", "", "Xq7%40Xq7", "Xq7:5432/Xq7", "Xq7/?a=Xq7", "1/?a=b", "Xq7@h/x?a=Xq7", "Xq7@Xq7@Xq7", "@Xq7", "Xq7@", "/Xq7", "Xq7/", "Xq7%", "Xq7%zz", "Xq7%00", "Xq7ÀéXq7", "5432/Xq7"}
	for _, c := range "@/:?#&=+%[]{}<>\\|^`\"' ,;!$*()~\t\n" {
		list = append(list, "Xq7"+string(c)+"Xq7", "Xq7"+string(c)+"Xq7@"+"Xq7")
	}
	return list
}

// misread reports whether the driver takes a piece of the password for a host, a
// name or a parameter.
func misread(t *testing.T, uri, password string) bool {
	t.Helper()
	c, err := pgconn.ParseConfig(uri)
	if err != nil {
		t.Errorf("%q: accepted, and the driver cannot read it", password)
		return false
	}
	plain, err := url.PathUnescape(password)
	if err != nil {
		plain = password
	}
	return c.Host != "h" || c.Database != "app" || c.User != "authenticator" || c.Password != plain || len(c.RuntimeParams) > 0
}

func TestPasswordsInURIs(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, setting := range []string{"PGRST_DB_URI", "SUPABASE_DB_URL", "ROMASHKA_DB_DIRECT_URI", "ROMASHKA_DB_BACKGROUND_URI", "ROMASHKA_DB_REPLICA_URIS"} {
		for _, scheme := range []string{"postgres://", "postgresql://"} {
			for _, password := range passwords() {
				uri := scheme + "authenticator:" + password + "@h:5432/app"
				err := mustLoad(t, "", setting+"="+uri).CheckConnections()
				if err == nil {
					if misread(t, uri, password) {
						t.Errorf("%s, password %q: misread", setting, password)
					}
					continue
				}
				refused++
				fault, ok := errors.AsType[*config.Error](err)
				text := strings.ReplaceAll(err.Error(), fault.Example, "")
				switch {
				case !ok || !strings.Contains(text, setting) || strings.Contains(text, "\n"):
					t.Errorf("%s, password %q: %v", setting, password, err)
				case !strings.Contains(text, "percent-encode the password"):
					t.Errorf("%s, password %q: no hint: %v", setting, password, err)
				case strings.Contains(text, "Xq7"), strings.Contains(text, "5432"):
					t.Errorf("%s, password %q: shown: %v", setting, password, err)
				}
				encoded := scheme + "authenticator:" + url.QueryEscape(strings.ReplaceAll(password, " ", "_")) + "@h:5432/app"
				if err := mustLoad(t, "", setting+"="+encoded).CheckConnections(); err != nil && !strings.Contains(password, "%00") {
					t.Errorf("%s, password %q encoded: %v", setting, password, err)
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d refused", refused)
	}
}

func TestConnectionStrings(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"postgresql://": true, "postgres://": true, "postgres:///app": true, "postgres://h": true, "postgres://u@h/d": true,
		"postgres://u:p@h1:1,h2:2/d?target_session_attrs=read-write": true, "postgres://u:p@[::1]:5432/d": true,
		"postgres://u:p@/d?host=/tmp": true, "postgresql:///d?host=/tmp&user=a%40b": true, "postgres://postgres.ref:p@h:6543/postgres": true,
		"postgres://u:p%40%2F%25@h/d": true, "host=h user=u password=p@ss/w:rd%": true, "host = h password = 'it''s'": false,
		`host=h password='it\'s a'`: true, "dbname=app": true, "host=h password='open": false, "user=u  password=p=q": true,
		"host=h password=a b@c=d": false, "host=h password=a #b=c": false, "host=h application_name=x": true, "host=h my.setting=x": true,
		"postgresql+asyncpg://u:p=x@h/d": false, "jdbc:postgresql://h/d?user=u&password=p": false, "Postgres://u:p=q@h/d": false,
		"http://u:p=q@h/d": false, "u:p=q@h/d": false, `"postgres://u:p=q@h/d"`: false, "h/d": false, "app": false,
		"postgres://h/d?user=a@b": false, "postgres://u:p@h/d?application_name=a@b": false, "postgres://h:x/d": false,
	} {
		err := mustLoad(t, "", "PGRST_DB_URI="+text).CheckConnections()
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPartsOfURIs: a URI is not said to be none when a part of it is wrong.
func TestPartsOfURIs(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{"h/app?sslmode=no-verify", "h:port/app", "h/app?service=none&servicefile=/none", "h/app?target_session_attrs=any-one"} {
		err := mustLoad(t, "", "PGRST_DB_URI=postgres://authenticator:Xq7@"+rest).CheckConnections()
		if err == nil || !strings.Contains(err.Error(), "a part cannot be used") || strings.Contains(err.Error(), "Xq7") {
			t.Errorf("%s: %v", rest, err)
		}
	}
}
