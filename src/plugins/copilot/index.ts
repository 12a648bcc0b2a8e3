import { apiKey, definePlugin } from '../../index.ts'
import { copilotLogin } from './auth.ts'
import { copilotSettings } from './domain.ts'
import { executor } from './executor.ts'
import { listModels } from './list-models.ts'
import { models } from './models.ts'
import { translator } from './translator.ts'

/** GitHub Copilot, by login, or with a GitHub token that may use it. */
export default definePlugin({
  name: 'copilot',
  title: 'GitHub Copilot',
  models,
  // COPILOT_GITHUB_TOKEN: https://docs.github.com/en/copilot/how-tos/copilot-cli/set-up-copilot-cli/authenticate-copilot-cli.
  auth: [apiKey({ label: 'GitHub token', env: ['COPILOT_GITHUB_TOKEN'] }), copilotLogin],
  translator,
  executor,
  listModels,
  // The editor knows of no other models: microsoft/vscode-copilot-chat, src/platform/endpoint/node/modelMetadataFetcher.ts.
  listsAll: true,
  config: copilotSettings,
})
