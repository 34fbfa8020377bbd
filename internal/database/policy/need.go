package policy

import (
	"slices"
	"strings"
)

// Any is a cell of the needed matrix on which nothing depends.
const Any Access = '*'

// needed lists the rights on the base tables that pages and functions need. The tables are the
// project's own, and so are their policies. A letter is the access that the policies of
// sql/supabase give, the deployed ones as far as they are known. '-' is where they
// give nothing; 'c' asks for the grant alone, since whose a row is follows from
// another table; '*' is granted there, but no page and no function does it:
//
//   - audit_logs: no page reads it, and users had better not change it.
//   - evidence of work (messages, analytics, logs, metrics): never deleted.
//   - the two clean-ups: by the clock only.
//
// Sources: sections 2, 4 and 5 of the front end's contract, and the pages as
// internal/proof/e2e/browser presses them.
const needed = `
                           anon  user  other admin secur compl service
profiles                   ----  ooo-  ooo-  ooo-  ooo-  ooo-  AAAA
customer_profiles          ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
conversations              ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
messages                   ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
conversation_analytics     ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
daily_metrics              ----  A---  A---  A---  A---  A---  AAAA
realtime_metrics           ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
agent_availability         ----  Aooo  Aooo  Aooo  Aooo  Aooo  AAAA
scheduled_reports          ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
export_jobs                ----  AoA*  AoA*  AoA*  AoA*  AoA*  AAAA
system_settings            ----  ----  ----  AAAA  ----  ----  AAAA
knowledge_base             ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
knowledge_categories       ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
knowledge_items            ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
knowledge_analytics        ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
website_scan_jobs          ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
extracted_content          ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
scan_job_logs              ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
training_datasets          ----  oooo  oooo  oooo  oooo  oooo  AAAA
training_jobs              ----  oooo  oooo  oooo  oooo  oooo  AAAA
knowledge_gaps             ----  oooo  oooo  oooo  oooo  oooo  AAAA
learning_insights          ----  oooo  oooo  oooo  oooo  oooo  AAAA
integrations               ----  oooo  oooo  oooo  oooo  oooo  AAAA
integration_logs           ----  oo**  oo**  oo**  oo**  oo**  AAAA
oauth_tokens               ----  oooo  oooo  oooo  oooo  oooo  AAAA
synced_contacts            ----  oooo  oooo  oooo  oooo  oooo  AAAA
synced_orders              ----  oooo  oooo  oooo  oooo  oooo  AAAA
synced_products            ----  oooo  oooo  oooo  oooo  oooo  AAAA
synced_deals               ----  oooo  oooo  oooo  oooo  oooo  AAAA
conversation_metrics       AAA*  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
typing_indicators          AAAA  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
agent_work_logs            ----  ooo*  ooo*  ooo*  ooo*  ooo*  AAAA
ai_response_queue          ----  AAA*  AAA*  AAA*  AAA*  AAA*  AAAA
agent_setup_progress       ----  ooo*  ooo*  ooo*  ooo*  ooo*  AAAA
bot_configurations         ----  oooo  oooo  oooo  oooo  oooo  AAAA
bot_performance_metrics    ----  ccc*  ccc*  ccc*  ccc*  ccc*  AAAA
test_scenarios             ----  oooo  oooo  oooo  oooo  oooo  AAAA
ab_test_configurations     ----  oooo  oooo  oooo  oooo  oooo  AAAA
playground_test_results    ----  oo**  oo**  oo**  oo**  oo**  AAAA
personality_configs        ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
response_templates         ----  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
audit_logs                 ----  ****  ****  ****  ****  ****  AAA*
agent_performance_metrics  ----  A---  A---  A---  A---  A---  A---

get_next_ai_response_job() *     x     x     x     x     x     x
aggregate_daily_metrics()  *     *     *     *     *     *     x
cleanup_expired_metrics()  *     *     *     *     *     *     x
`

// Needed returns the cells of the base tables, views and functions that the
// product needs, by object, role and operation as they stand in the matrix.
func Needed() []Cell { return parseMatrix(needed) }

// BaseRelations are the base tables and views of Needed, by name.
func BaseRelations() []string {
	var names []string
	for _, c := range Needed() {
		if c.Operation != "call" && !slices.Contains(names, c.Object) {
			names = append(names, c.Object)
		}
	}
	return names
}

// meets reports whether a base table gives the product the access it needs there. It
// may be by another policy than the product's own base has.
func (c Cell) meets(s Square) bool {
	if c.Access == Condition {
		return s.Catalog != Refused
	}
	return c.Access == Any || c.Access == Refused || s.Access.Width() > 0
}

// same reports whether a base table gives as many rows as the product's own base.
func (c Cell) same(s Square) bool {
	if c.Access == Any {
		return s.Why != noGrant
	}
	if c.Access == Condition {
		return s.Access.Width() <= Condition.Width()
	}
	return c.Access == s.Access || c.Access.Width() == 0 && s.Access.Width() == 0
}

// OwnPolicies are the cells of base tables in which the project gives other rows than the product's own base does, more
// or fewer, or has taken back an access that is not needed, or does not have the object at all. The product works with
// that, and it is not judged.
func OwnPolicies(squares []Square) Differences {
	have := byCell(squares)
	var list Differences
	for _, want := range Needed() {
		s, ok := have[want.key()]
		switch {
		case !ok && want.Access != Any && want.Access != Refused:
			list = append(list, Difference{Want: want})
		case ok && want.meets(s) && !want.same(s):
			list = append(list, Difference{Want: want, Got: s.Access, Why: s.Why})
		}
	}
	return list
}

// Grants are the statements that give the rights missing for want of a grant, by
// role: "GRANT SELECT, INSERT ON public.messages TO authenticated;".
func (list Differences) Grants() string {
	missing := map[string][]string{} // by object and database role
	var order []string
	for _, d := range list {
		if d.Got != Refused || d.Why != noGrant && d.Why != noExecute {
			continue
		}
		key := grantee(d.Want)
		if missing[key] == nil {
			order = append(order, key)
		}
		privilege := strings.ToUpper(d.Want.Operation)
		if d.Want.Operation == "call" {
			privilege = "EXECUTE"
		}
		if !slices.Contains(missing[key], privilege) {
			missing[key] = append(missing[key], privilege)
		}
	}
	statements := make([]string, len(order))
	for i, key := range order {
		statements[i] = "GRANT " + strings.Join(missing[key], ", ") + " ON " + key + ";"
	}
	return strings.Join(statements, " ")
}

// grantee is the object and the database role of a cell, as GRANT names them.
func grantee(c Cell) string {
	object, role := "public."+c.Object, c.Role
	if c.Operation == "call" {
		object = "FUNCTION " + object
	}
	if !slices.Contains(databaseRoles, role) {
		role = "authenticated"
	}
	return object + " TO " + role
}
