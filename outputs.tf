################################################################################
# WebSocket API
################################################################################

output "websocket_url" {
  description = "URL that clients connect to: wss://{api-id}.execute-api.{region}.amazonaws.com/{stage}."
  value       = aws_apigatewayv2_stage.signaling.invoke_url
}

################################################################################
# Function
################################################################################

output "lambda_function_name" {
  description = "Name of the function, for `aws lambda get-function --function-name`."
  value       = aws_lambda_function.signaling_server.function_name
}

output "lambda_log_group_name" {
  description = "Name of the function's log group, for `aws logs tail <name> --follow`."
  value       = aws_cloudwatch_log_group.signaling.name
}

################################################################################
# Table
################################################################################

output "connections_table_name" {
  description = "Name of the DynamoDB table that holds who is connected."
  value       = aws_dynamodb_table.connections.name
}

################################################################################
# Callbacks
################################################################################

output "api_id" {
  description = "Id of the WebSocket API, the {api-id} of its URLs."
  value       = aws_apigatewayv2_api.signaling.id
}

output "callback_endpoint" {
  description = "URL at which the function posts to connections: https://{api-id}.execute-api.{region}.amazonaws.com/{stage}, or `callback_endpoint` if that is set."
  value       = local.callback_endpoint
}
