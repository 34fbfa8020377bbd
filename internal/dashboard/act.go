package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// act does what a form asks for, as the visitor, and shows the page again.
func (d *Dashboard) act(w http.ResponseWriter, v *visit) {
	if v.r.PathValue("act") == "factor" {
		d.actFactor(w, v)
		return
	}
	call, arguments, done := v.wanted()
	if call == "" {
		d.fail(w, v.r, http.StatusNotFound, "There is no such action.")
		return
	}
	back := d.o.Path + "/" + cmpOr(d.backTo(v.r.PostFormValue("back")), "security")
	query := url.Values{"done": {done}}
	if _, err := v.post(v.r.Context(), "/rpc/"+call, arguments); err != nil {
		text, err := d.o.Sealer.Pack("fault", told(err))
		if err != nil {
			d.fail(w, v.r, http.StatusInternalServerError, "")
			return
		}
		query = url.Values{"fault": {text}}
	}
	http.Redirect(w, v.r, back+"?"+query.Encode(), http.StatusSeeOther)
}

// backTo is the page that a form stood on, "" for none of ours.
func (d *Dashboard) backTo(back string) string {
	page, item, _ := strings.Cut(back, "/")
	for _, p := range pages() {
		if p.slug == page && strings.Trim(item, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
			return back
		}
	}
	return ""
}

// wanted is the function of the API that the form means, and what is said when
// it is done.
func (v *visit) wanted() (call string, arguments map[string]any, done string) {
	get := v.r.PostFormValue
	switch v.r.PathValue("act") {
	case "end-session":
		return "end_session", map[string]any{"id": get("id")}, "session"
	case "block":
		minutes, err := strconv.Atoi(get("minutes"))
		if err != nil {
			minutes = 0 // which the function refuses, with what it takes
		}
		return "block_address", map[string]any{"cidr": strings.TrimSpace(get("cidr")), "minutes": minutes, "reason": get("reason")}, "block"
	case "unblock":
		return "unblock_address", map[string]any{"cidr": get("cidr")}, "unblock"
	case "share":
		return "create_share", v.newShareArguments(), "share"
	case "revoke-share":
		return "revoke_share", map[string]any{"id": get("id")}, "revoked"
	case "review":
		return "confirm_access_review", map[string]any{"note": strings.TrimSpace(get("note"))}, "review"
	case "incident":
		if get("status") == "take" {
			return "assign_incident", map[string]any{"id": get("id"), "assignee": v.subject}, "taken"
		}
		arguments := map[string]any{"id": get("id"), "status": get("status")}
		if note := strings.TrimSpace(get("note")); note != "" {
			arguments["note"] = note
		}
		return "set_incident_status", arguments, "incident"
	}
	return "", nil, ""
}

// told is an error in words for people.
func told(err error) string {
	refused, ok := errors.AsType[*refusal](err)
	if !ok || refused.Status >= http.StatusInternalServerError {
		return "The database does not answer. Nothing was changed."
	}
	text := cmpOr(refused.Message, "It was refused.")
	if refused.Hint != "" {
		text = strings.TrimRight(text, ".") + ". " + refused.Hint
	}
	return text
}

// said are the words for what was done. Read-only.
var said = map[string]string{
	"session": "The session has ended. Its tokens are refused within seconds.", "block": "The address is blocked.", "unblock": "The address is served again.",
	"incident": "The incident has its new state.", "taken": "The incident is yours.", "factor": "Done.", "review": "The review is in the trail.", "share": "It is shared. The list has its address.", "revoked": "It is no longer shared.", "verified": "This session is verified.",
}
