/** The page that asks whether an application of another house may know or do something. */
import type { PromptPages, Sittings } from './interaction.ts'

export function consentPages(sittings: Sittings): PromptPages {
  return {
    prompt: 'consent',
    async show(ctx, interaction) {
      const scopes = [...interaction.missing.scopes, ...Object.values(interaction.missing.resources).flat()]
      sittings.page(ctx, interaction, { view: 'consent', data: { scopes } })
    },
    async answer(ctx, interaction) {
      await sittings.finish(ctx, interaction, { consent: { grantId: await interaction.consent() } })
    },
  }
}
