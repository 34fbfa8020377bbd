package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// widened says which permissions make which operations of a user reach all rows,
// instead of the rows that the matrix gives the role "user": the model of the
// policies of the migrations. Any one of a list is enough. Of
// data_subject_requests an insert stays in one's own name, whatever the
// permission.
const widened = `
security_sessions           select  security:read security:write
security_sessions           update  security:write
security_incidents          select  incidents:read incidents:resolve security:read security:write
security_incidents          insert  incidents:resolve security:write
security_incidents          update  incidents:resolve security:write
security_incident_timeline  select  incidents:read incidents:resolve security:read security:write
compliance_results          select  compliance:read compliance:write
compliance_results          insert  compliance:write
api_security_logs           select  security:read
data_retention_policies     insert  compliance:write
data_retention_policies     update  compliance:write
data_retention_policies     delete  compliance:write
compliance_checks           insert  compliance:write
compliance_checks           update  compliance:write
compliance_checks           delete  compliance:write
roles                       insert  roles:write
roles                       update  roles:write
roles                       delete  roles:write
user_roles                  select  roles:read roles:grant
user_roles                  insert  roles:grant
user_roles                  update  roles:grant
user_roles                  delete  roles:grant
data_subject_requests       select  gdpr:read gdpr:write
data_subject_requests       update  gdpr:write
data_consent                select  gdpr:read gdpr:write
data_consent                insert  gdpr:write
data_consent                update  gdpr:write
api_keys                    select  security:read
pii_detection_patterns      insert  compliance:write
pii_detection_patterns      update  compliance:write
pii_detection_patterns      delete  compliance:write
encryption_keys             select  keys:read keys:write
encryption_keys             insert  keys:write
encryption_keys             update  keys:write
security_alerts             select  alerts:read alerts:write
security_alerts             insert  alerts:write
security_alerts             update  alerts:write
security_audit_logs         select  audit:read
agent_shifts                select  staffing:write
agent_shifts                insert  staffing:write
agent_shifts                update  staffing:write
agent_shifts                delete  staffing:write
`

// Holds reports whether a list of permissions gives one: by name, by "all", or by
// its area, as "security:*" does.
func Holds(list []string, permission string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		area, whole := strings.CutSuffix(entry, "*")
		return entry == "all" || entry == permission || whole && strings.HasSuffix(area, ":") && strings.HasPrefix(permission, area)
	})
}

// ExpectedOf returns the cells of tables that the migrations intend for a user
// with these permissions and no others, as the role called name.
func ExpectedOf(name string, permissions []string) []Cell {
	wide := map[[2]string]bool{}
	for line := range strings.Lines(widened) {
		if fields := strings.Fields(line); len(fields) > 2 {
			wide[[2]string{fields[0], fields[1]}] = slices.ContainsFunc(fields[2:], func(p string) bool { return Holds(permissions, p) })
		}
	}
	var cells []Cell
	for _, c := range Expected() {
		if c.Role != "user" {
			continue
		}
		c.Role = name
		if wide[[2]string{c.Object, c.Operation}] {
			c.Access = All
		}
		if c.Operation != "call" {
			cells = append(cells, c)
		}
	}
	return cells
}

// TenantRole is a role of public.roles that a tenant has made.
type TenantRole struct {
	ID, Name    string
	Permissions []string
}

// tenantRoles are those of a database, by name; none where it has no such table.
func (e *examination) tenantRoles(ctx context.Context, tx pgx.Tx) ([]TenantRole, error) {
	if e.relations["public.user_roles"] == nil || e.relations["romashka.permissions"] == nil {
		return nil, nil
	}
	rows, err := tx.Query(ctx, "SELECT id::text, name, permissions FROM public.roles WHERE NOT is_system_role ORDER BY name, id")
	if err != nil {
		return nil, fmt.Errorf("read the tenant's roles: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TenantRole])
	if err != nil {
		return nil, fmt.Errorf("read the tenant's roles: %w", err)
	}
	return list, nil
}

// atOnce is how many roles are tried in one transaction: each has a row of its own
// in every table, and each tries all of them.
const atOnce = 6

// tenants tries our tables as a user of each role of the tenant.
func (e *examination) tenants(ctx context.Context) (squares []Square, err error) {
	var list []TenantRole
	err = e.within(ctx, "", func(tx pgx.Tx) (err error) {
		list, err = e.tenantRoles(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(list, atOnce) {
		var actors []actor
		want := map[cellKey]Access{}
		for _, r := range some {
			actors = append(actors, actor{name: r.column(), database: "authenticated", id: uuid.NewString(), role: r.ID})
			for _, c := range ExpectedOf(r.column(), r.Permissions) {
				want[c.key()] = c.Access
			}
		}
		for _, table := range tables() {
			r := e.relations["public."+table]
			if r == nil || !r.Served || !r.table() {
				continue
			}
			found, err := e.relation(ctx, r, actors)
			if err != nil {
				return nil, fmt.Errorf("examine %s as roles of the tenant: %w", r.object(), err)
			}
			for _, s := range found {
				s.Want = want[s.key()]
				squares = append(squares, s)
			}
		}
	}
	return squares, nil
}

// tables are those of the matrix in its order.
func tables() []string {
	var names []string
	for _, c := range Expected() {
		if c.Operation != "call" && !slices.Contains(names, c.Object) {
			names = append(names, c.Object)
		}
	}
	return names
}

// column is the name of a tenant's role in the matrix, where the words of
// profiles.role have theirs.
func (r TenantRole) column() string { return rolePrefix + r.Name }

const rolePrefix = "role "

// give makes the users of the tenant's roles, each with that role.
func (m *maker) give(ctx context.Context, actors []actor) error {
	for _, a := range actors {
		if a.role == "" {
			continue
		}
		if _, err := m.tx.Exec(ctx, "INSERT INTO public.user_roles (user_id, role_id) VALUES ($1::uuid, $2::uuid)", a.id, a.role); err != nil {
			return fmt.Errorf("give a role of the tenant: %w", err)
		}
	}
	return nil
}
