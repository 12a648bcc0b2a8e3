/**
 * byok in Nitro 3: this file is `routes/ai/[...].ts` of an app. For Nuxt 4, see docs/embedding.md. Its clients' base URL is
 * `http://localhost:3000/ai/v1`.
 */
import { defineHandler } from 'nitro/h3'
import { createByok } from 'byok'
import { toWebHandler } from 'byok/adapters/web'

const answer = toWebHandler(await createByok(), { prefix: '/ai' })

export default defineHandler((event) => answer(event.req))
