output "websocket_url" {
  description = "URL that clients connect to."
  value       = module.signaling.websocket_url
}

output "api_id" {
  description = "Id of the WebSocket API."
  value       = module.signaling.api_id
}

output "lambda_served_version" {
  description = "Version of the function that clients are served by. `-var function_version=` an earlier one rolls back."
  value       = module.signaling.lambda_served_version
}
