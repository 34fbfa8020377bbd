package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/romashka/sidecar/internal/auth/rolepath"
)

// claimKey is where the role is in the claims.
func claimKey(p *string) field { return fieldOf[string]{p, parseClaimKey, quote} }

func parseClaimKey(text string) (string, error) {
	path, err := rolepath.Parse(text)
	if err != nil {
		return "", fmt.Errorf("is not a JSON path: %w", err)
	}
	if path.Older() {
		return quoteNames(text), nil
	}
	return text, nil
}

// bareName is a name of the older form outside of quotes. Read-only.
var bareName = regexp.MustCompile(`\.([\pL\pN_$@]+)`)

// quoteNames writes .roles as ."roles", the one spelling that is dumped.
func quoteNames(path string) string {
	parts := strings.Split(path, `"`)
	for i := 0; i < len(parts); i += 2 { // the others are inside of quotes
		parts[i] = bareName.ReplaceAllString(parts[i], `."$1"`)
	}
	return strings.Join(parts, `"`)
}
