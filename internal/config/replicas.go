package config

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// nextURI is a comma between two connection strings. Others belong to one: it may name several
// hosts, and its password may have commas. Read-only.
var nextURI = regexp.MustCompile(`\s*,\s*(postgres(?:ql)?://)`)

// Replicas are the connection strings of the standbys that reads may go to.
func (d DB) Replicas() (uris []Secret) {
	text := strings.Trim(string(d.ReplicaURIs), ", \t\r\n")
	for text != "" {
		uri, rest := text, ""
		if next := nextURI.FindStringSubmatchIndex(text); next != nil {
			uri, rest = text[:next[0]], text[next[2]:]
		}
		uris, text = append(uris, Secret(uri)), rest
	}
	return uris
}

// lag is a duration that a standby can keep to.
func lag(p *time.Duration) field { return fieldOf[time.Duration]{p, parseLag, quoteOf[time.Duration]} }

func parseLag(text string) (time.Duration, error) {
	const least, most = 100 * time.Millisecond, time.Hour
	d, err := parseSpan(text)
	if err == nil && (d < least || d > most) {
		err = errors.New("must be from 100ms to 1h")
	}
	return d, err
}
