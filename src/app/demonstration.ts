/** The demonstration portal: an application like any other, in the same process where that is developed. */
import { join } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { type Portal, portal } from '../portal/portal.ts'
import { assets } from '../render/assets.ts'
import type { Core } from './core.ts'

export function demonstration({ config, clients, templates, now, log }: Core): Portal {
  const client = clients.find('portal')?.metadata
  if (!client?.client_secret || !client.client_uri)
    throw new AppError('no-portal', 'config/clients.yaml has no client «portal» with client_uri and client_secret')
  const files = assets(join(config.root, 'views'), config.brand)
  const { names } = config.assurance
  return portal({
    issuer: config.issuer,
    issuerName: config.brand.product,
    origin: client.client_uri,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    views: templates,
    now,
    log,
    assets: (path) => files.get(path),
    assurance: { mfa: names.mfa, sufficient: [names.mfa, names.phishingResistant] },
  })
}
