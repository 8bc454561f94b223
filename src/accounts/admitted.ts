/**
 * People as the doors look at them: whoever belongs to an organization that is disabled is as disabled as if they were
 * themselves. So every door that asks whether an account is active asks this too, and costs no read more.
 */
import type { Directory } from '../organization/directory.ts'
import type { People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'

/** What is changed is the record as it is. */
export function admittedPeople(people: People, organizations: Pick<Directory, 'admits'>): People {
  async function seen(person: PersonRecord): Promise<PersonRecord> {
    const { account } = person
    if (!account || (await organizations.admits(account))) return person
    return { ...person, account: { ...account, status: 'disabled' } }
  }

  return {
    ...people,
    async find(id) {
      const person = await people.find(id)
      return person && seen(person)
    },
    async findBy(key) {
      const found = await people.findBy(key)
      return found && { ...found, record: await seen(found.record) }
    },
  }
}
