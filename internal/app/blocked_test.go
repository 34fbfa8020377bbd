package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// attack asks for items as a user, from an address.
func (s *sessions) attack(at *running, access, address string) (int, string) {
	s.t.Helper()
	status, body, _ := ask(s.t, "GET", at.URL+"/rest/v1/items", "", "Authorization: Bearer "+access, "apikey: "+token(s.t, "anon"),
		"X-Forwarded-For: "+address, "User-Agent: probe/1")
	var refusal struct{ Code string }
	_ = json.Unmarshal([]byte(body), &refusal)
	return status, refusal.Code
}

// blocked waits until both replicas refuse an address.
func (s *sessions) blocked(access, address string, want bool) {
	s.t.Helper()
	for _, at := range []*running{s.running, s.second} {
		eventually(s.t, fmt.Sprint(address, " is refused: ", want), func() bool {
			status, code := s.attack(at, access, address)
			return (status == 403 && code == "ROM403") == want
		})
	}
}

// An address that is refused gets ROM403 and nothing else from every replica, but
// for the allow-list and the service role; and only admins add one to the list.
func TestAddressesAreRefused(t *testing.T) {
	t.Parallel()
	trusted := "127.0.0.1/32"
	p := newProject(t, map[string]string{"romashka-trusted-proxies": trusted})
	s := &sessions{p, start(t, p.api, map[string]string{
		"romashka-db-background-uri": p.owner.Config().ConnString(), "supabase-anon-key": token(t, "anon"), "romashka-trusted-proxies": trusted,
	}).ready(t)}
	user, other := s.open("user", firefox), s.open("other", firefox)
	s.open("admin", firefox)
	admin, service := s.tokens["admin"], token(t, "service_role")
	add := func(as, body string) (int, string) { return s.call(as, "block_address", body) }

	for name, as := range map[string]string{"anon": token(t, "anon"), "user": user, "other": other} {
		want := map[string]int{"anon": 401, "user": 403, "other": 403}[name]
		for rpc, body := range map[string]string{"block_address": `{"cidr":"198.51.100.7","minutes":10,"reason":"x"}`, "unblock_address": `{"cidr":"198.51.100.7"}`} {
			if status, text := s.call(as, rpc, body); status != want || code(text) != map[int]string{401: "42501", 403: "PT403"}[want] {
				t.Errorf("%s calls %s: %d %s", name, rpc, status, text)
			}
		}
	}
	for _, as := range []string{admin, service} {
		if status, text := add(as, `{"cidr":"198.51.100.7","minutes":10,"reason":"x"}`); status != 200 {
			t.Fatalf("block: %d %s", status, text)
		}
		s.blocked(user, "198.51.100.7", true)
		s.blocked(token(t, "anon"), "198.51.100.7", true)
		s.blocked("no token", "198.51.100.7", true)
		s.blocked(service, "198.51.100.7", false)
		s.blocked(user, "198.51.100.8", false)
		status, text, _ := ask(t, "GET", s.URL+"/auth/v1/user", "", "Authorization: Bearer "+user, "apikey: "+token(t, "anon"), "X-Forwarded-For: 198.51.100.7")
		if status != 403 || code(text) != "ROM403" {
			t.Errorf("what is passed on: %d %s", status, text)
		}
		if status, text := s.call(as, "unblock_address", `{"cidr":"198.51.100.7"}`); status != 200 || text != "true" {
			t.Errorf("unblock: %d %s", status, text)
		}
		s.blocked(user, "198.51.100.7", false)
	}

	for body, want := range map[string]int{
		`{"cidr":"no address","minutes":10}`: 400, `{"cidr":"198.51.100.7","minutes":0}`: 400, `{"cidr":"198.51.100.7","minutes":null}`: 400,
		`{"cidr":"0.0.0.0/0","minutes":10}`: 400, `{"cidr":"::/0","minutes":10}`: 400, `{"cidr":"198.51.100.7","minutes":9999999}`: 400,
	} {
		if status, text := add(admin, body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, text, want)
		}
	}

	run(t, s.owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('detection', '{"allow":[{"network":"203.0.113.128/25"}]}')
		ON CONFLICT (setting_key) DO UPDATE SET setting_value = excluded.setting_value`)
	if status, text := add(admin, `{"cidr":"203.0.113.129","minutes":10}`); status != 409 {
		t.Errorf("an allowed address: %d %s", status, text)
	}
	for _, cidr := range []string{"203.0.113.9/24", "2001:db8:7::/48", "::ffff:192.0.2.1"} {
		if status, text := add(admin, `{"cidr":"`+cidr+`","minutes":10,"reason":"a network"}`); status != 200 {
			t.Fatalf("%s: %d %s", cidr, status, text)
		}
	}
	s.blocked(user, "203.0.113.1", true)
	s.blocked(user, "203.0.113.200", false)
	s.blocked(user, "2001:db8:7:9::1", true)
	s.blocked(user, "2001:db8:8::1", false)
	s.blocked(user, "192.0.2.1", true)

	eventually(t, "rows of the log are marked", func() bool {
		var marked, others int
		err := s.owner.QueryRow(context.Background(), `SELECT count(*) FILTER (WHERE response_headers ->> 'refused' = 'ROM403'), count(*) FILTER (WHERE response_headers ->> 'refused' IS NULL AND response_code = 403 AND endpoint = '/rest/v1/items')
			FROM public.api_security_logs`).Scan(&marked, &others)
		if err != nil {
			t.Fatal(err)
		}
		return marked > 5 && others == 0
	})
	var trail string
	err := s.owner.QueryRow(context.Background(), `SELECT string_agg(DISTINCT concat_ws(' ', action, source, additional_context ->> 'role'), ', ') FROM public.security_audit_logs WHERE event_type = 'block'`).Scan(&trail)
	if err != nil || !strings.Contains(trail, "create database authenticated") || !strings.Contains(trail, "delete database service_role") {
		t.Errorf("trail: %s %v", trail, err)
	}
}
