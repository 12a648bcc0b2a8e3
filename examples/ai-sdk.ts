/** byok as a provider of the AI SDK, in process. Run: `npx tsx examples/ai-sdk.ts [MODEL]` */
import { streamText } from 'ai'
import { createByok } from 'byok'

const byok = await createByok()
const { textStream } = streamText({
  model: byok.languageModel(process.argv[2] ?? 'gpt-6.1-sol'),
  prompt: 'Say hello in three languages.',
})
for await (const text of textStream) process.stdout.write(text)
process.stdout.write('\n')
await byok.close()
