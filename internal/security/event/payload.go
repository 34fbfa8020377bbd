package event

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/corazawaf/libinjection-go"
)

// Payload names the attack that a path carries; "" = nothing.
type Payload string

// Payloads.
const (
	SQL       Payload = "SQL injection"
	Script    Payload = "cross-site scripting"
	Traversal Payload = "path traversal"
	Template  Payload = "template injection"
	JNDI      Payload = "JNDI lookup"
	Command   Payload = "command injection"
	Include   Payload = "file inclusion"
)

// maxRounds is how often a path is decoded: attacks encode twice, to pass a filter that
// decodes once.
const maxRounds = 3

// patterns are looked for in the whole decoded path, in lower case. The words are
// such as no file is called by; SQL and scripts are libinjection's, which reads
// their grammar. Read-only.
// Source: OWASP Core Rule Set 4, rules 930, 931, 932, 934, 944.
var patterns = []struct {
	payload Payload
	match   func() *regexp.Regexp
}{
	{JNDI, expression(`\$\{[^}]*(jndi|\$\{(lower|upper|env|sys|date|::-))`)},
	{Traversal, expression(`(^|[/\\=;])\.\.;?[/\\]|[/\\]\.\.$|/etc/(passwd|shadow|group|hosts|issue)\b|/proc/(self|version|\d+)/?|(win|boot|system)\.ini\b|\x00`)},
	{Template, expression(`\{\{.*[*+.\[(_|].*\}\}|\$\{.*[*+.\[(].*\}|<%=?.*%>|#\{.*[*+.\[(].*\}|\{%.*%\}|\*\{.*[*+.\[(].*\}`)},
	{Include, expression(`\b(php|phar|expect|zip|data|file|gopher|dict|ldap)://|=(https?|ftp)://|auto_prepend_file|allow_url_include`)},
	{Command, expression("(;|\\||&&|`|\\$\\()\\s*(/(usr/)?bin/|cat\\s|id\\b|ls\\b|whoami|uname|wget\\s|curl\\s|nc\\s|bash\\b|sh\\b|ping\\s|sleep\\s|powershell|cmd\\b)|\\(\\)\\s*\\{\\s*:;")},
	{SQL, expression(`['"]\s*\)*\s*(--|#|;--|/\*)\s*$|['"]\s*\)*\s*(or|and)\b.{0,40}(=|like|<|>|\bis\b)|\bunion\b(\s|/\*.*?\*/|\+)+(all(\s|/\*.*?\*/|\+)+)?select\b|\b(pg_sleep|benchmark|waitfor\s+delay|extractvalue|updatexml|load_file|xp_cmdshell|information_schema)\b\s*[(.' ]|;\s*(drop|delete|insert|update|alter|create|truncate|select|exec)\s`)},
	{Script, expression(`<\s*/?\s*(script|iframe|svg|img|object|embed|body|math|details)\b|\bon(error|load|click|mouseover|focus|toggle|start)\s*=|javascript:|vbscript:|document\.(cookie|location)`)},
}

// expression is compiled when it is first asked for: a start would wait for it.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// PayloadOf looks for an attack in a path; percent-encoding is undone, also where
// it is doubled. One hit is a hint and no proof: files have odd names.
func PayloadOf(path string) Payload {
	if !suspect(path) {
		return ""
	}
	text := decode(path)
	for _, p := range patterns {
		if p.match().MatchString(text) {
			return p.payload
		}
	}
	for _, part := range strings.Split(text, "/") {
		if len(part) < 3 {
			continue
		}
		if found, _ := libinjection.IsSQLi(part); found {
			return SQL
		}
		if libinjection.IsXSS(part) {
			return Script
		}
	}
	return ""
}

// suspect reports whether path has a character that attacks cannot do without.
// Nearly all have none, and cost one look.
func suspect(path string) bool {
	return strings.ContainsAny(path, "%'\"<>(){}$;|`\\*=#,") || strings.Contains(path, "..") || strings.Contains(path, "/proc/") ||
		strings.Contains(path, "/etc/") || strings.Contains(path, "://") || strings.Contains(path, ".ini")
}

// decode undoes percent-encoding and character references until nothing changes.
// Text that is no encoding stays.
func decode(path string) string {
	for range maxRounds {
		next := html.UnescapeString(unescape(path))
		if next == path {
			break
		}
		path = next
	}
	return strings.ToLower(strings.ReplaceAll(path, "+", " "))
}

// unescape decodes all well-formed sequences; a broken one does not hide others.
func unescape(text string) string {
	if whole, err := url.PathUnescape(text); err == nil {
		return whole
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if one, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(one)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
