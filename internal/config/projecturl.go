package config

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// projectURL is the address of a Supabase project, below which its services
// are: https://<ref>.supabase.co, or another host with or without a path.
func projectURL(p *string) field { return fieldOf[string]{p, parseProjectURL, quote} }

// services are the first segments of the paths that a project's gateway knows,
// each with a version behind. Read-only.
var services = []string{"rest", "auth", "storage", "realtime", "functions", "graphql", "analytics"}

// reference is the name of a hosted project, or that of the one project that a
// dashboard of one's own shows. Read-only.
var reference = regexp.MustCompile(`^(default|[a-z]{20})$`)

func parseProjectURL(text string) (string, error) {
	if lower := strings.ToLower(text); strings.HasPrefix(lower, "postgres://") || strings.HasPrefix(lower, "postgresql://") {
		return "", errors.New("is a database's address, not the project's; supabase-db-url takes that")
	}
	if _, err := parseWebURL(text); err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("is not a URL")
	}
	host := strings.ToLower(u.Hostname())
	if fault := faultOfHost(host); fault != "" {
		return "", errors.New(fault)
	}
	if strings.ContainsFunc(host, notOfHosts) || strings.HasSuffix(u.Host, ":") {
		return "", errors.New("has a host that no server can have, such as one with <...> left in it")
	}
	segments := strings.FieldsFunc(strings.ToLower(u.Path), func(r rune) bool { return r == '/' })
	for i := range len(segments) - 1 {
		switch first, second := segments[i], segments[i+1]; {
		case first == "dashboard" && second == "project", first == "project" && reference.MatchString(second):
			return "", errors.New(isDashboard)
		case slices.Contains(services, first) && isVersion(second):
			return "", errors.New("is the address of one service; give the project's, without /rest/v1, /auth/v1 and the like")
		}
	}
	switch {
	case len(segments) > 0 && (strings.HasSuffix(host, ".supabase.co") || strings.HasSuffix(host, ".supabase.in")):
		return "", errors.New("has a path, which a hosted project does not have")
	case slices.ContainsFunc(segments, func(s string) bool { return s == "." || s == ".." || strings.ContainsFunc(s, unicode.IsSpace) }):
		return "", errors.New("has a path that leads elsewhere or has blanks")
	}
	return text, nil
}

// notOfHosts reports whether r stands in no name or address of a host.
func notOfHosts(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._:", r)
}

const isDashboard = "is an address of the dashboard; give the project's, which is shown there"

// faultOfHost names the fault of hosts of Supabase that are not a project's; ""
// for others.
func faultOfHost(host string) string {
	if host == "supabase.com" || strings.HasSuffix(host, ".supabase.com") || host == "supabase.io" || host == "app.supabase.io" {
		return isDashboard
	}
	name, ok := strings.CutSuffix(host, ".supabase.co")
	if !ok {
		name, ok = strings.CutSuffix(host, ".supabase.in")
	}
	switch {
	case !ok || !strings.Contains(name, "."):
		return ""
	case strings.HasPrefix(name, "db."):
		return "is the database's host; give the project's, without db. in front"
	}
	return "is the host of one service; give the project's, with nothing between its reference and supabase.co"
}

func isVersion(segment string) bool {
	digits, ok := strings.CutPrefix(segment, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
