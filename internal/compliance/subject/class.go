package subject

import (
	"regexp"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/content"
)

// The acts: each row of a person gets one.
const (
	Delete       = "delete"
	Pseudonymise = "pseudonymise" // it stays, without the person
	Redact       = "redact"       // it is another's, and only his name goes
	Keep         = "keep"         // it stays as it is
)

// class is the act for the rows of a table, and the reason; "" is [Delete].
type class struct{ act, reason string }

type named struct {
	words *regexp.Regexp
	class
}

func about(words string) *regexp.Regexp { return regexp.MustCompile(`(^|_)(` + words + `)(_|$)`) }

// classes are the tables that must be kept, by a law or as evidence.
// Read-only. Words are those of internal/compliance/content.
var classes = []named{
	{about(`audit\w*|trails?|compliance_results|waivers|evidence`), class{Keep, "a trail is evidence only as it was written (GDPR Art. 17(3)(b), (e); 45 CFR 164.316(b)(2))"}},
	{about(`consents?|einwilligung(en)?|consentements?|consentimientos?|consensi|zgody|согласи[ея]|subject_requests?|gdpr_requests?|dsgvo\w*|privacy_requests?|unsubscribes?|opt_outs?|suppressions?`), class{Pseudonymise, "it proves that consent was given or a request answered (GDPR Art. 5(2), 7(1))"}},
	{about(`invoices?|receipts?|payments?|refunds?|bills?|billings?|credit_notes?|transactions?|accounting|ledgers?|bookkeeping|tax(es)?|payouts?|rechnung(en)?|rechnungs\w*|quittung(en)?|zahlung(en)?|gutschrift(en)?|buchung(en)?|belege?|factures?|paiements?|facturas?|pagos?|faturas?|pagamentos?|pagamenti|fatture?|facturen|betaling(en)?|faktur[aey]?|platnosci|faturalar|odemeler|счета?|счёта?|платеж[иа]?|чеки?|scheta?|platezhi?`), class{Pseudonymise, "records of account are kept for the period of tax law (GDPR Art. 17(3)(b))"}},
	{about(`(security_)?incidents?|alerts?|breach(es)?|vorf(a|ae|ä)lle?|sicherheitsvorf\w*|incidentes?|incidenti|инцидент\w*`), class{Pseudonymise, "incidents are documented (GDPR Art. 33(5))"}},
}

// logName finds logs, of which rows are not deleted one by one. Read-only.
var logName = about(`logs?|logbook|journal|protokoll|history|access_requests?|traces?`)

func isLog(relation string) bool { return logName.MatchString(content.Words(relation)) }

func classOf(t *table) class {
	if t.Schema == "storage" {
		return class{Keep, "files go through the Storage API, which removes their contents, too"}
	}
	words := content.Words(t.Relation)
	for _, n := range classes {
		if n.words.MatchString(words) {
			return n.class
		}
	}
	if isLog(t.Relation) {
		return class{Pseudonymise, "a log is whole only with all its lines"}
	}
	return class{}
}

// actor finds columns that say who worked on a row which is another's. Read-only.
var actor = regexp.MustCompile(`(^|_)(by|assigned|assignee|agent|operator|handler|reviewer|approver|editor|moderator|manager|supervisor|processor|resolver|responsible|seller|salesperson|doctor|therapist|teacher|actor|bearbeiter|zustaendig|zuständig|betreuer|berater|arzt|aerztin|ärztin|responsable|asignado|encargado|responsabile|behandelaar|opiekun|исполнитель|ответственный|менеджер|врач)(_|$)|_(von|durch|par|por|da|door|przez)$`)

func isActor(columns ...string) bool {
	for _, name := range columns {
		if actor.MatchString(content.Words(name)) {
			return true
		}
	}
	return false
}

// free finds columns of free text. Read-only.
var free = about(`subjects?|summar(y|ies)|notes?|comments?|messages?|body|content|contents|description|text|feedback|transcripts?|title|reason|remarks?|details|betreff|notiz(en)?|bemerkung(en)?|kommentare?|nachricht(en)?|beschreibung|inhalt|sujet|remarques?|commentaires?|contenu|asunto|notas?|comentarios?|mensaje|oggetto|messaggio|onderwerp|opmerking(en)?|temat|uwagi|tresc|тема|комментари[ий]|сообщени[ея]|заметк[аи]|описание`)

// plainName is a column that holds a person's name where rows are persons.
var plainName = about(`name|nom|nombre|nome|naam|imie|imię|ad|имя|nick_?name|user_?name|display_?name|login`) // read-only

// referring are the names that a column would have which refers to rows of a
// table: "customer_id" of customers and of customer_profiles, "kunde_id" of kunden.
func referring(relation string) (list []string) {
	words := content.Words(relation)
	stems := []string{words}
	stems = append(stems, singular(words)...)
	for _, end := range []string{"_profiles", "_profile", "_accounts", "_records"} {
		if stem, ok := strings.CutSuffix(words, end); ok {
			stems = append(stems, stem)
		}
	}
	for _, stem := range stems {
		list = append(list, stem+"_id", "id_"+stem, stem+"id", stem+"_nr", stem+"_uuid")
	}
	return list
}

// singular are guesses at the singular of a name in the plural.
func singular(words string) (list []string) {
	for _, end := range []struct{ plural, single string }{
		{"ies", "y"}, {"es", ""}, {"s", ""}, {"en", ""}, {"en", "e"}, {"n", ""}, {"e", ""}, {"er", ""}, {"i", "o"}, {"i", "e"}, {"e", "a"}, {"ы", ""}, {"и", ""}, {"ы", "а"},
	} {
		if stem, ok := strings.CutSuffix(words, end.plural); ok && len(stem) > 2 {
			list = append(list, stem+end.single)
		}
	}
	return list
}
