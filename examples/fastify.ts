/** byok as a Fastify plugin. Run: `npx tsx examples/fastify.ts` */
import fastify from 'fastify'
import { createByok } from 'byok'
import { fastifyByok } from 'byok/adapters/fastify'

const byok = await createByok()
const app = fastify()
await app.register(fastifyByok, { byok, prefix: '/ai' })
app.get('/', () => 'the app that was here before\n')
app.addHook('onClose', () => byok.close())

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`listening at ${url}/ai/v1`)
