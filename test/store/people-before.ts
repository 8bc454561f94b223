/** People as the release knows them that has no passkeys. */
import { personKind } from '../../src/person/kind.ts'

export const PEOPLE_BEFORE: typeof personKind = {
  ...personKind,
  keys: (person) => personKind.keys({ ...person, authenticators: [] }),
  finders(person) {
    const { passkeyGroup: _none, ...known } = personKind.finders({ ...person, authenticators: [] })
    return known as ReturnType<typeof personKind.finders>
  },
}
