package dashboard

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// noFactor is the code of an answer to who has to show a second factor first.
const noFactor = "ROM440"

// showFactor has the visitor show a second factor, and come back to the page that
// he wanted.
func (v *visit) showFactor(w http.ResponseWriter) {
	http.Redirect(w, v.r, v.d.o.Path+"/two-factor?next="+url.QueryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
}

// factorPage is the content of the page of second factors.
type factorPage struct {
	Factors       []row
	Enabled       bool // one of them is
	Required      bool
	VerifiedUntil string
	CodesLeft     string
	Fault, Next   string
	Sent          string // that a code is on its way

	Enrolled    string // id of a factor that waits for its first code
	Method      string
	Secret, URI string
	QR          template.URL
	Codes       []string // shown once
}

func (d *Dashboard) factors(w http.ResponseWriter, v *visit, f *factorPage) {
	if f == nil {
		f = &factorPage{}
	}
	f.Next = cmpOr(f.Next, d.localPath(v.r.URL.Query().Get("next")))
	rows, err := v.post(v.r.Context(), "/rpc/two_factor_status", map[string]any{})
	if err != nil {
		f.Fault = cmpOr(f.Fault, told(err))
	}
	for _, r := range rows {
		f.Required, f.CodesLeft = r.yes("required"), r.text("backup_codes_left")
		if t := r.time("verified_until"); !t.IsZero() {
			f.VerifiedUntil = v.format.moment(t)
		}
		list, _ := r["factors"].([]any)
		for _, one := range list {
			if m, ok := one.(map[string]any); ok {
				f.Factors = append(f.Factors, row(m))
				f.Enabled = f.Enabled || row(m).yes("enabled")
			}
		}
	}
	s := d.shell(v, "two-factor", "Two-factor")
	s.Factors = f
	d.render(w, http.StatusOK, "page", s)
}

// actFactor is one step: secrets and codes are shown at once, as they are
// never seen again.
func (d *Dashboard) actFactor(w http.ResponseWriter, v *visit) {
	get := v.r.PostFormValue
	step, f := get("step"), &factorPage{Next: d.localPath(get("next"))}
	arguments := map[string]any{}
	for _, name := range []string{"factor_id", "code", "method", "phone", "email"} {
		if text := strings.TrimSpace(get(name)); text != "" {
			arguments[name] = text
		}
	}
	if !strings.Contains(" enroll confirm challenge verify disable backup_codes ", " "+step+" ") || step == "" {
		d.fail(w, v.r, http.StatusNotFound, "There is no such action.")
		return
	}
	rows, err := v.post(v.r.Context(), "/rpc/two_factor_"+step, arguments)
	d.visits.forget(v)
	switch {
	case err != nil:
		f.Fault = told(err)
		if step == "confirm" {
			f.Enrolled = get("factor_id")
		}
	case step == "verify" && f.Next != "":
		http.Redirect(w, v.r, f.Next, http.StatusSeeOther)
		return
	case len(rows) > 0:
		f.take(rows[0], step)
	}
	d.factors(w, v, f)
}

// method is how people call one of a second factor.
func method(name string) string {
	if known, ok := map[string]string{"totp": "Authenticator app", "sms": "Text message", "email": "Mail"}[name]; ok {
		return known
	}
	return sentence(name)
}

func (f *factorPage) take(r row, step string) {
	if step == "challenge" {
		f.Sent = "A code is on its way."
	}
	if step == "enroll" {
		f.Enrolled, f.Secret, f.URI = r.text("factor_id"), r.text("secret"), r.text("uri")
		if qr := r.text("qr"); strings.HasPrefix(qr, "data:image/svg+xml") {
			f.QR = template.URL(qr) //nolint:gosec // an image that the API made
		}
	}
	if list, ok := r["backup_codes"].([]any); ok {
		for _, one := range list {
			f.Codes = append(f.Codes, row{"": one}.text(""))
		}
	}
}
