package config

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// CheckConnections returns an error for connection strings that cannot be read,
// or in more than one way; they are taken as they are until a command needs a
// database.
func (c Config) CheckConnections() error {
	type given struct {
		key string
		uri Secret
	}
	uris := []given{
		{"db-uri", c.DB.URI},
		{"romashka-db-direct-uri", c.DB.DirectURI},
		{"romashka-db-background-uri", c.DB.BackgroundURI},
	}
	for _, uri := range c.DB.Replicas() {
		uris = append(uris, given{"romashka-db-replica-uris", uri})
	}
	for _, u := range uris {
		if u.uri == "" {
			continue
		}
		if err := checkConnection(string(u.uri)); err != nil {
			return faultOf(c.given, u.key, err)
		}
	}
	return nil
}

var (
	errEncode = errors.New("is not a PostgreSQL connection string; percent-encode the password " +
		"(@ is %40, / is %2F, % is %25, a blank is %20) and whatever else has such characters")
	errQuote = errors.New("is not a PostgreSQL connection string; a password with blanks, quotes or backslashes " +
		`is written in single quotes there, with \ before each ' and \`)
	errForm = errors.New("is not a PostgreSQL connection string, which begins with postgres:// or postgresql://, or is keyword=value")
	errPart = errors.New("is a connection string of which a part cannot be used: look at the host, the port, the files and the service " +
		"that it names, and at sslmode (disable, allow, prefer, require, verify-ca or verify-full)")
)

// keyword is that of a parameter in a keyword=value string, and the text in front
// of the first. Read-only.
var keyword = regexp.MustCompile(`^\s*[A-Za-z_][A-Za-z0-9_.]*\s*=`)

// encoded is a user and password as a URI may have them.
// Source: RFC 3986, 3.2.1. Read-only.
var encoded = regexp.MustCompile(`^([A-Za-z0-9._~!$&'()*+,;=:-]|%(0[1-9A-Fa-f]|[1-9A-Fa-f][0-9A-Fa-f]))*$`)

// checkConnection refuses a string that the driver cannot read, and one that it
// would read in another way than it was meant: the text that it takes for the host or
// for a parameter goes to name servers, to other hosts and into messages, and
// may be a part of a password. Its errors show nothing of the text.
//
// In a URI the driver, like libpq, ends the password at the first @ and looks
// for one up to the first slash alone. With no more than one @, in front of
// every slash, the text in front of it is the user and the password, and the text
// behind it is not.
func checkConnection(text string) error {
	rest, isURI := strings.CutPrefix(text, "postgresql://")
	if !isURI {
		rest, isURI = strings.CutPrefix(text, "postgres://")
	}
	if !isURI && strings.TrimSpace(text) != "" && !keyword.MatchString(text) {
		return errForm // as a URI of another scheme, whose first = would end a keyword
	}
	if !isURI {
		c, err := pgconn.ParseConfig(text)
		if err != nil {
			return errQuote
		}
		for name := range c.RuntimeParams { // a piece behind a blank becomes one
			if !keyword.MatchString(name + "=") {
				return errQuote
			}
		}
		return nil
	}
	return checkURI(text, rest)
}

func checkURI(text, rest string) error {
	login, _, _ := strings.Cut(rest, "/")
	login, _, found := strings.Cut(login, "@")
	if strings.Count(rest, "@") > 1 || !found && strings.Contains(rest, "@") {
		return errEncode
	}
	if _, err := pgconn.ParseConfig(text); err != nil { // err may hold the password
		if found && !encoded.MatchString(login) {
			return errEncode
		}
		return errPart
	}
	return nil
}

// mailURL is the address of a mail server, with the user and the password for it.
func mailURL(p *Secret) field { return fieldOf[Secret]{p, parseMailURL, quoteText[Secret]} }

func parseMailURL(text string) (Secret, error) {
	server, path, ok := cutServer(text, "smtp://", "smtps://")
	switch {
	case !ok:
		return "", errors.New("is not the URL of a mail server, which begins with smtp:// or smtps://")
	case !server || path != "":
		return "", errMail
	}
	return Secret(text), nil
}

// limitsURL is the address of a Valkey or Redis, with the user and the password for it.
func limitsURL(p *Secret) field { return fieldOf[Secret]{p, parseLimitsURL, quoteText[Secret]} }

func parseLimitsURL(text string) (Secret, error) {
	server, database, ok := cutServer(text, "redis://", "rediss://", "valkey://", "valkeys://")
	switch {
	case !ok:
		return "", errors.New("is not the URL of a Valkey or Redis, which begins with redis:// or rediss://")
	case !server || strings.Trim(database, "0123456789") != "" || len(database) > 4:
		return "", errLimits
	}
	return Secret(text), nil
}

// cutServer reads the URL of a server. ok is false where it has none of the
// schemes; server, where it would be read in another way than it was meant, as in
// checkConnection: a piece of a password would be taken for a host.
func cutServer(text string, schemes ...string) (server bool, path string, ok bool) {
	var rest string
	for _, scheme := range schemes {
		if rest, ok = strings.CutPrefix(text, scheme); ok {
			break
		}
	}
	if !ok {
		return false, "", false
	}
	login, host, found := strings.Cut(rest, "@")
	if !found {
		login, host = "", rest
	}
	host, path, _ = strings.Cut(host, "/")
	u, err := url.Parse("smtp://" + host)
	if strings.Contains(rest, "@") && (strings.Count(rest, "@") > 1 || !encoded.MatchString(login)) || strings.ContainsAny(host+path, "?#") {
		return false, path, true
	}
	return err == nil && u.Hostname() != "", path, true
}

const errServer = "percent-encode the password (@ is %40, / is %2F, % is %25, a blank is %20) " +
	"and the user, and give a host and nothing behind it but a port"

var (
	errMail   = errors.New("is not the URL of a mail server; " + errServer)
	errLimits = errors.New("is not the URL of a Valkey or Redis; " + errServer + " and the number of a database")
)
