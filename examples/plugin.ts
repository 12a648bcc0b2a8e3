/** A provider of one's own: any OpenAI-compatible server, as a plugin. Run: `ACME_API_KEY=… npx tsx examples/plugin.ts` */
import { apiKey, createByok, definePlugin, jsonOf, openaiChat, tokenOf } from 'byok'
import { listen } from 'byok/adapters/listen'

const acme = definePlugin({
  name: 'acme',
  title: 'Acme AI',
  models: ['acme-large', { id: 'acme-small', aliases: ['small'] }],
  auth: [apiKey({ env: ['ACME_API_KEY'] })],
  translator: openaiChat(),
  executor: ({ request, credential, config, fetch }) =>
    fetch(`${config.base_url ?? 'https://api.acme.example/v1'}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${tokenOf(credential).reveal()}`,
      },
      body: jsonOf(request),
    }),
})

const byok = await createByok({ plugins: [acme] })
const { url } = await listen(byok, { port: Number(process.env.PORT ?? 8018) })
console.log(`listening at ${url}/v1`)
