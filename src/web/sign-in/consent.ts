/** The page that asks whether an application of somebody else’s may know or do something. */
import type { Asked } from '../../oidc/grant.ts'
import type { PromptPages, Sittings } from './interaction.ts'

export function consentPages(sittings: Sittings): PromptPages {
  return {
    prompt: 'consent',
    async show(ctx, interaction) {
      sittings.page(ctx, interaction, { view: 'consent', data: shown(interaction.asked) })
    },
    async answer(ctx, interaction) {
      await sittings.finish(ctx, interaction, { consent: { grantId: await interaction.consent() } })
    },
  }
}

/** Exactly what is asked for; the words for it are the view's. */
function shown({ scopes, claims, resources }: Asked) {
  const access = resources.flatMap(({ indicator, scopes: names }) =>
    names.map((scope) => ({ scope, at: URL.parse(indicator)?.host || indicator })),
  )
  return { scopes, claims, access }
}
