/** Looking people up, in the few ways in which everybody does. */
import type { Account } from '../person/account.ts'
import { keyOf, type People } from '../person/kind.ts'
import { emptyPersonRecord, type PersonRecord } from '../person/person.ts'

/** The record of a person; an empty one if there is none. */
export async function findPerson(people: Pick<People, 'find'>, id: string): Promise<PersonRecord> {
  return (await people.find(id)) ?? emptyPersonRecord()
}

export async function findAccount(people: Pick<People, 'find'>, id: string): Promise<Account | undefined> {
  return (await people.find(id))?.account
}

export async function findAccountByEmail(
  people: Pick<People, 'findBy'>,
  emailKey: string,
): Promise<Account | undefined> {
  return (await people.findBy(keyOf.email(emailKey)))?.record.account
}
