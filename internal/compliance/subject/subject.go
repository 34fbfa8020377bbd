package subject

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say whom to look for.
type Options struct {
	Email      string
	Request    string // id of the open request that is answered; "" = found, or filed
	Regulation string // of a request that is filed: gdpr (30 days) or ccpa (45); default gdpr
	Timeout    time.Duration
}

// Validate returns the fault of the options, nil for none.
func (o Options) Validate() error {
	if a, err := mail.ParseAddress(o.Email); err != nil || a.Address != o.Email || a.Name != "" {
		return fmt.Errorf("--email %q: want an address, as ada@example.com", o.Email)
	}
	if r := cmp.Or(o.Regulation, "gdpr"); r != "gdpr" && r != "ccpa" {
		return fmt.Errorf("--regulation %q: want gdpr or ccpa", o.Regulation)
	}
	return nil
}

// Outcome is the effect of an erasure, planned or done.
type Outcome struct {
	Request  string     `json:"request,omitempty"`
	DueAt    *time.Time `json:"due_at,omitempty"`
	Applied  bool       `json:"applied"`
	Complete bool       `json:"complete"` // nothing is left but rows kept with a reason
	Steps    []Step     `json:"steps"`
	Kept     []Step     `json:"kept"`   // found by the search afterwards, and stays
	Left     []Step     `json:"left"`   // found by the search afterwards, and should not be there
	Failed   []Unseen   `json:"failed"` // refused by the database
	Unseen   []Unseen   `json:"unseen"` // could not be looked at
}

const defaultTimeout = 2 * time.Minute // of one statement of the search

func look(ctx context.Context, conn *pgx.Conn, m *marks, o Options) (p *person, err error) {
	tx, err := begin(ctx, conn, cmp.Or(o.Timeout, defaultTimeout))
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if p, err = search(ctx, tx, m); err != nil {
		return nil, err
	}
	p.decide()
	return p, nil
}

// Plan shows the effect of an erasure, and changes nothing.
func Plan(ctx context.Context, conn *pgx.Conn, o Options) (Outcome, error) {
	p, err := look(ctx, conn, newMarks(o.Email), o)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Steps: append([]Step{}, p.steps()...), Kept: []Step{}, Left: []Step{}, Failed: []Unseen{}, Unseen: append([]Unseen{}, p.unseen...)}, nil
}

// Erase carries out [Plan], searches again, and closes the request if nothing
// is left. It may be broken off and begun anew.
//
// Errors: [ErrNoRequest]; a database that cannot be asked. Its refusals are in
// the outcome.
func Erase(ctx context.Context, conn *pgx.Conn, o Options) (out Outcome, err error) {
	req, err := openRequest(ctx, conn, withDefaults(o), "erasure")
	if err != nil {
		return out, err
	}
	m := newMarks(o.Email)
	const rounds = 3 // rows that came while it went on
	for round := range rounds {
		p, err := look(ctx, conn, m, o)
		if err != nil {
			return out, err
		}
		p.kept["public.data_subject_requests "+req.ID] = true
		if round == 0 {
			out = Outcome{Applied: true, Steps: append([]Step{}, p.steps()...), Failed: []Unseen{}}
		}
		if out.sum(p); len(out.Left) == 0 {
			break
		}
		w, err := p.carryOut(ctx, conn)
		out.Failed = append([]Unseen{}, w.failed...)
		if err != nil {
			return out, err
		}
		if p, err = look(ctx, conn, m, o); err != nil {
			return out, err
		}
		p.kept["public.data_subject_requests "+req.ID] = true
		if out.sum(p); len(out.Left) == 0 || len(w.failed) > 0 && round > 0 {
			break
		}
	}
	out.Complete = len(out.Left) == 0 && len(out.Unseen) == 0
	if !req.absent {
		out.Request, out.DueAt = req.ID, &req.DueAt
	}
	figures, err := json.Marshal(struct {
		Steps  []Step   `json:"steps"`
		Kept   []Step   `json:"kept"`
		Left   []Step   `json:"left"`
		Unseen []Unseen `json:"unseen"`
	}{out.Steps, out.Kept, out.Left, out.Unseen})
	if err != nil {
		return out, err
	}
	return out, req.answered(ctx, conn, "erase", out.Complete, out.notes(), string(figures))
}

func withDefaults(o Options) Options {
	o.Regulation = cmp.Or(o.Regulation, "gdpr")
	return o
}

// sum counts the rows of a search that stay, and those that should have gone.
func (o *Outcome) sum(p *person) {
	o.Kept, o.Left, o.Unseen = []Step{}, []Step{}, append([]Unseen{}, p.unseen...)
	for _, s := range p.steps() {
		switch {
		case s.Action == Keep:
			o.Kept = append(o.Kept, s)
		case s.Action != Delete && len(s.Columns) == 0 && p.tables[s.Relation].Kind != "m":
			o.Kept = append(o.Kept, s) // nothing of the person is in it but the number of a pseudonym
		default:
			o.Left = append(o.Left, s)
		}
	}
}

// notes are for the request, in a sentence that names nobody.
func (o *Outcome) notes() string {
	count := func(list []Step, action string) (n int) {
		for _, s := range list {
			if s.Action == action || action == "" {
				n += s.Rows
			}
		}
		return n
	}
	text := fmt.Sprintf("%d rows deleted, %d kept without the person, %d texts of others redacted; the search afterwards found %d that are kept with a reason and %d that are left",
		count(o.Steps, Delete), count(o.Steps, Pseudonymise), count(o.Steps, Redact), count(o.Kept, ""), count(o.Left, ""))
	if len(o.Unseen) > 0 {
		text += fmt.Sprintf("; %d tables could not be looked at", len(o.Unseen))
	}
	return text
}
