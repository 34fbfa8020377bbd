package compliance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/content"
	"github.com/romashka/sidecar/internal/database/check"
)

// plainSecrets finds columns whose values are secrets as they were given out:
// columns made for secrets, and texts that a secret's form gives away.
func plainSecrets(ctx context.Context, l *look) answer {
	tables, a := l.begin(ctx)
	for _, t := range tables {
		if t.Kind != "r" && t.Kind != "p" && t.Kind != "m" || t.Partition {
			continue
		}
		if err := l.sample(ctx, t); err != nil {
			a.unreadable(t, err)
			continue
		}
		for _, c := range t.columns {
			a.counts["columns"]++
			n, why := c.plain, "in a column made for secrets"
			if n == 0 && !isLog(t.Relation) {
				n, why = max(c.secrets, c.named), "their form or the name beside them gives them away"
			}
			if n == 0 {
				continue
			}
			a.findings = append(a.findings, check.Finding{
				Severity: check.Critical, Object: fmt.Sprintf("column %s.%s.%s", plain(t.Schema), plain(t.Relation), plain(c.Name)),
				Relation: t.Schema + "." + t.Relation, Fault: "secrets are stored as they were given out",
				Evidence: fmt.Sprintf("%d of %d values, %s", n, c.values, why), Remedy: hashing(t, c),
			})
		}
	}
	return a
}

// hashing is the SQL that keeps a hash in place of a secret.
func hashing(t *table, c *column) string {
	name, column := t.name(), plain(c.Name)
	if strings.HasSuffix(c.Type, "[]") || strings.HasPrefix(c.Type, "json") {
		return fmt.Sprintf("UPDATE %s SET %s = NULL; -- after moving it to a schema that is not served, encrypted or as hashes", name, column)
	}
	return fmt.Sprintf("UPDATE %s SET %s = encode(sha256(convert_to(%[2]s, 'UTF8')), 'hex'); -- if it is only compared; encrypt what has to be read again", name, column)
}

// logName finds logs by their names, as evidence_erasable.sql does. Read-only.
var logName = regexp.MustCompile(`(^|_)(audit\w*|logs?|logbook|trails?|journal|journaux|ledger|[\p{L}\d]*(protokoll|logbuch|protokol)|protocol|(change|login|access|audit|security|admin|event|activity|status|sign_?in)_history|` +
	`[\p{L}\d]*historie|bit[aá]coras?|historiales?_(de_)?(cambios|accesos)|registros?_(de_|degli_|di_)?(accesos?|accessi|acessos?|auditor[ií]a|cambios|actividad(es)?|eventos|seguridad)|dziennik|журнал[\p{L}]*|логи?|протокол[\p{L}]*|аудит[\p{L}]*|история_(изменений|входов|действий)|zhurnal|` +
	`(api|http|access)_requests?|(http|webhook|error|access|server)_events?|traces?)(_|$)`)

func isLog(relation string) bool { return logName.MatchString(content.Words(relation)) }

var auditName = regexp.MustCompile(`(^|_)(audit\w*|trails?)(_|$)`) // read-only

// sensitiveInLogs finds secrets, and personal data that no log is for. That a
// trail of changes names a person is its purpose; an address of the network in
// a log of requests likewise.
func sensitiveInLogs(ctx context.Context, l *look) answer {
	tables, a := l.begin(ctx)
	for _, t := range tables {
		if t.Kind != "r" && t.Kind != "p" || t.Partition || !isLog(t.Relation) {
			continue
		}
		a.counts["logs"]++
		if err := l.search(ctx, t); err != nil {
			a.unreadable(t, err)
			continue
		}
		var worst check.Severity
		var held []string
		for _, c := range t.columns {
			severity, what := sensitive(c, auditName.MatchString(content.Words(t.Relation)))
			if what != "" {
				worst = max(worst, severity)
				held = append(held, fmt.Sprintf("%s holds %s", plain(c.Name), what))
			}
		}
		if len(held) > 0 {
			a.findings = append(a.findings, check.Finding{
				Severity: worst, Object: t.object(), Relation: t.Schema + "." + t.Relation, Fault: "a log holds what it should not",
				Evidence: strings.Join(held, ", "), Remedy: masking(t),
			})
		}
	}
	return a
}

// sensitive tells the kind of data in a column of a log that should not be there.
func sensitive(c *column, trail bool) (check.Severity, string) {
	if n := max(c.secrets, c.named, c.plain); n > 0 {
		return check.Error, fmt.Sprintf("secrets in %d of %d values", n, c.values)
	}
	for _, kind := range []content.Kind{content.Card, content.Bank, content.Identity} {
		if slices.Contains(c.kinds, kind) {
			return check.Error, string(kind)
		}
	}
	if trail {
		return 0, ""
	}
	for _, kind := range []content.Kind{content.Email, content.Phone} {
		if slices.Contains(c.kinds, kind) {
			return check.Warning, string(kind)
		}
	}
	return 0, ""
}

// masked finds secrets in a text of a log, in PostgreSQL's own syntax: the word
// after "Bearer" or a key's name, values of a URL, tokens, keys and addresses.
const masked = `((?:bearer|basic)\s+|(?:password|passwd|secret|token|api_?key)["'']?\s*[=:]\s*["'']?|[?&][^=&\s]+=)[^\s&"'']+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\m(?:sk|pk|rk|ghp|gho|xox[abp])[_-][\w-]{8,}|[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+`

// masking is the SQL that takes the values out, column by column.
func masking(t *table) string {
	var sets []string
	for _, c := range t.columns {
		if _, what := sensitive(c, false); what == "" {
			continue
		}
		switch {
		case strings.HasPrefix(c.Type, "json"), strings.HasSuffix(c.Type, "[]"):
			sets = append(sets, plain(c.Name)+" = '{}'")
		default:
			sets = append(sets, fmt.Sprintf("%s = regexp_replace(%[1]s, '%s', '\\1***', 'gi')", plain(c.Name), masked))
		}
	}
	return fmt.Sprintf("UPDATE %s SET %s; -- and have what writes it leave these out", t.name(), strings.Join(sets, ", "))
}
