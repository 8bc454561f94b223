/** Organizations of a running app, for people who belong to one: it has to be there before they are invited. */
import type { Invitation, Invited } from '../../../src/accounts/links.ts'
import type { OrganizationFields } from '../../../src/organization/organization.ts'
import type { RunningApp } from '../app/app.ts'

const MACHINE = { actor: undefined, source: undefined }

/** The id of the organization of this name; it is added if there is none. */
export async function organizationId(
  { core }: Pick<RunningApp, 'core'>,
  name: string,
  more: Partial<OrganizationFields> = {},
): Promise<string> {
  const known = core.organizations.called(name)
  if (known) return known.id
  const added = await core.admin.registry.add({ name, domains: [], contacts: [], ...more }, MACHINE)
  // Two tests' people at one moment: the other was first.
  const id = added.ok ? added.id : core.organizations.called(name)?.id
  if (id === undefined) throw new Error(`no organization ${name}`)
  return id
}

export async function invite(app: Pick<RunningApp, 'core'>, invitation: Invitation): Promise<Invited> {
  if (invitation.organization !== undefined) await organizationId(app, invitation.organization)
  return app.core.links.invite(invitation)
}
