package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/config"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "",
		"SUPABASE_ANON_KEY=eyJ.a.b", "SUPABASE_PUBLISHABLE_KEY=sb_publishable_1, sb_publishable_2",
		`SUPABASE_PUBLISHABLE_KEYS={"web":"sb_publishable_4","default":"sb_publishable_3"}`,
		"SUPABASE_SERVICE_ROLE_KEY=eyJ.c.d,sb_secret_1", `SUPABASE_SECRET_KEYS=["sb_secret_2"]`,
	)
	want := []config.APIKey{
		{Setting: "supabase-anon-key (SUPABASE_ANON_KEY)", Key: "eyJ.a.b"},
		{Setting: "supabase-publishable-key (SUPABASE_PUBLISHABLE_KEY)", Key: "sb_publishable_1"},
		{Setting: "supabase-publishable-key (SUPABASE_PUBLISHABLE_KEY)", Key: "sb_publishable_2"},
		{Setting: "supabase-publishable-keys (SUPABASE_PUBLISHABLE_KEYS)", Key: "sb_publishable_3"},
		{Setting: "supabase-publishable-keys (SUPABASE_PUBLISHABLE_KEYS)", Key: "sb_publishable_4"},
	}
	if diff := cmp.Diff(want, c.AnonKeys()); diff != "" {
		t.Error(diff)
	}
	want = []config.APIKey{
		{Setting: "supabase-service-role-key (SUPABASE_SERVICE_ROLE_KEY)", Key: "eyJ.c.d"},
		{Setting: "supabase-service-role-key (SUPABASE_SERVICE_ROLE_KEY)", Key: "sb_secret_1"},
		{Setting: "supabase-secret-keys (SUPABASE_SECRET_KEYS)", Key: "sb_secret_2"},
	}
	if diff := cmp.Diff(want, c.ServiceKeys()); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{"default":`, `{"default":7}`, `["s3cr3t"`, ",", "s3cr3t,", "s3cr3t,,s3cr3t", `{"s3cr3t":""}`, "  ,", `"s3cr3t"`, "s3cr3t s3cr3t", "s3cr3t=", "ключ"} {
		_, err := config.Load(config.Sources{Environ: []string{"SUPABASE_SECRET_KEYS=" + text}})
		if err == nil || !strings.Contains(err.Error(), "(SUPABASE_SECRET_KEYS): ") || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestProjectURL(t *testing.T) {
	t.Parallel()
	const ref = "https://abcdefghijklmnopqrst.supabase.co"
	for _, text := range []string{
		ref, ref + "/", ref + "//", "https://example.test/supabase", "https://example.test/a/b/", "https://api.example.test",
		"http://127.0.0.1:54321", "http://kong:8000", "https://example.test/rest", "https://example.test/auth", "https://example.test/project",
		"https://example.test/api/v1", "https://db.example.test", "https://supabase.example.test", "https://supabase.co", "https://[::1]:8000/x", "http://supabase_kong_x:8000", "https://bücher.test",
	} {
		c := mustLoad(t, "", "SUPABASE_URL="+text)
		if want := strings.TrimRight(text, "/"); c.Supabase.URL != want {
			t.Errorf("%s: %s", text, c.Supabase.URL)
		}
	}
	for _, text := range []string{
		ref + "/rest/v1", ref + "/rest/v1/", ref + "/auth/v1", ref + "/storage/v1/s3", ref + "/realtime/v1/websocket", ref + "/functions/v1/hello",
		ref + "/graphql/v1", ref + "//rest//v1//", ref + "/REST/V1", ref + "/rest%2Fv1", ref + "/%72est/v1", "https://example.test/supabase/rest/v1/todos",
		"http://127.0.0.1:54321/auth/v1/.well-known/jwks.json",
		"https://supabase.com/dashboard/project/abcdefghijklmnopqrst", "https://supabase.com", "https://app.supabase.com/project/x", "https://app.supabase.io",
		"https://api.supabase.com/v1/projects/x", "http://127.0.0.1:54323/project/default", "https://studio.example.test/project/abcdefghijklmnopqrst/settings",
		"https://db.abcdefghijklmnopqrst.supabase.co", "https://abcdefghijklmnopqrst.storage.supabase.co", "https://abcdefghijklmnopqrst.functions.supabase.co/x",
		"https://aws-0-eu-central-1.pooler.supabase.com", "postgres://postgres:s3cr3t@db.abcdefghijklmnopqrst.supabase.co:5432/postgres",
		"postgresql://postgres:s3cr3t@h/postgres", "Postgres://postgres:s3cr3t@h/postgres", "abcdefghijklmnopqrst.supabase.co", "abcdefghijklmnopqrst",
		"https://<ref>.supabase.co", "https://${REF}.supabase.co", "https://https://abcdefghijklmnopqrst.supabase.co", ref + "/rest", ref + "/x/", ref + "/..",
		"https://example.test/a/../b", "https://example.test/a b", "https://example.test/a%20b",
		"https://user:s3cr3t@example.test", "https://example.test?apikey=s3cr3t", "wss://abcdefghijklmnopqrst.supabase.co",
	} {
		_, err := config.Load(config.Sources{Environ: []string{"SUPABASE_URL=" + text}})
		fault, ok := errors.AsType[*config.Error](err)
		switch {
		case !ok || fault.Setting != "supabase-url":
			t.Errorf("%s: %v", text, err)
		case strings.Contains(err.Error(), "s3cr3t"), strings.Contains(err.Error(), "abcdefghijklmnopqrst"), strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: the message shows the value: %v", text, err)
		}
	}
}
