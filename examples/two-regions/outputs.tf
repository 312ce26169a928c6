output "regions" {
  description = "URLs of both deployments, for the client's option `regions`: `terraform output -json regions`."
  value       = [module.america.websocket_url, module.europe.websocket_url]
}

output "lambda_function_names" {
  description = "Names of the two functions, by region."
  value = {
    (var.regions.america) = module.america.lambda_function_name
    (var.regions.europe)  = module.europe.lambda_function_name
  }
}
