/** What may be said of applications here, by the settings: the same for those that are kept and for the file of them. */
import { definitions } from '../client/definition.ts'
import type { Config } from '../config.ts'
import { ladder } from '../mfa/assurance.ts'
import { adminResource } from '../oidc/admin-api.ts'
import { BUILT_IN } from '../oidc/built-in-records.ts'
import { libraryRefusal } from '../oidc/registration.ts'

type Said = Pick<Config, 'issuer' | 'admin' | 'assurance' | 'brand' | 'production' | 'environment'>

export function definitionsOf(config: Said, secret: Config['secret']) {
  const { issuer, admin, assurance, brand, production, environment } = config
  const acrValues = ladder(assurance.names, assurance.aliases).supported
  const api = adminResource(admin.origin ?? issuer)
  const reserved = [...Object.values(BUILT_IN), api.indicator]
  const rules = { production, secret, secretFault: environment.fault, acrValues, reserved }
  const names = { account: brand.product, admin: `${brand.product} Admin` }
  return { definitions: definitions(rules, libraryRefusal(issuer, acrValues)), api, names }
}
