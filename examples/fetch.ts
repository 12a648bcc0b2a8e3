/** byok in process, with no port opened: the OpenAI client calls it directly. Run: `npx tsx examples/fetch.ts [MODEL]` */
import OpenAI from 'openai'
import { createByok } from 'byok'

const byok = await createByok()
const openai = new OpenAI({ apiKey: 'unused', fetch: byok.fetch })

const stream = await openai.chat.completions.create({
  model: process.argv[2] ?? 'gpt-6.1-sol',
  messages: [{ role: 'user', content: 'Say hello in three languages.' }],
  stream: true,
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
process.stdout.write('\n')
await byok.close()
